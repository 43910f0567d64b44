#include "sluice/project/init.h"

#include <algorithm>

namespace sluice::project {

namespace {

constexpr std::string_view kSettings =
    R"(# What this project is called, and where each target keeps its tables.
project: @NAME@
targets:
  dev: { warehouse: ./warehouse, metastore: sqlite }
default_target: dev
resources: { memory: 2GiB }
)";

constexpr std::string_view kSource = R"(# Rows come from files that are dropped into data/orders.
source: bronze.orders
type: files
path: data/orders/*.csv
contract: contracts/orders.odcs.yaml
on_violation: quarantine
settle: 0s            # nobody is still writing these; 2s is the default
partition_by: [country]
)";

constexpr std::string_view kContract =
    R"(# Open Data Contract Standard 3.2: what a good order looks like.
apiVersion: v3.2.0
kind: DataContract
id: @NAME@-orders
name: Orders
version: 1.0.0
status: active
description:
  purpose: Orders as the shop takes them.
schema:
  - name: orders
    properties:
      - name: order_id
        logicalType: integer
        physicalType: bigint
        primaryKey: true
        description: Given once, never reused.
      - name: ordered_at
        logicalType: timestamp
        required: true
      - name: customer_id
        logicalType: integer
        required: true
      - name: country
        logicalType: string
        required: true
        logicalTypeOptions:
          pattern: ^[A-Z]{2}$
      - name: status
        logicalType: string
        required: true
        enum:
          - value: paid
          - value: open
          - value: cancelled
      - name: amount
        logicalType: number
        physicalType: decimal(9,2)
        required: true
        logicalTypeOptions:
          minimum: 0
        description: In euros.
)";

constexpr std::string_view kExpectations =
    R"(# What must hold before a new daily_revenue is published.
apiVersion: v3.2.0
kind: DataContract
id: @NAME@-daily-revenue
version: 1.0.0
status: active
schema:
  - name: daily_revenue
    physicalName: gold.daily_revenue
    properties:
      - name: day
        logicalType: date
        required: true
      - name: country
        logicalType: string
        required: true
      - name: orders
        logicalType: integer
        required: true
        logicalTypeOptions:
          minimum: 1
)";

constexpr std::string_view kSilver = R"(/*---
description: Orders that were paid for
key: [order_id]
---*/
SELECT order_id, CAST(ordered_at AS DATE) AS day, customer_id, country, amount
FROM bronze.orders
WHERE status = 'paid'
)";

constexpr std::string_view kGold = R"(/*---
description: Revenue by day and country
target_lag: 5m
key: [day, country]
---*/
SELECT day, country, sum(amount) AS revenue, count(*) AS orders,
  count(DISTINCT customer_id) AS customers
FROM silver.paid_orders
GROUP BY day, country
)";

constexpr std::string_view kFirstDay = R"(order_id,ordered_at,customer_id,country,status,amount
1,2024-03-01 08:12:00,17,DE,paid,19.90
2,2024-03-01 08:40:10,4,FR,paid,120.00
3,2024-03-01 09:05:31,17,DE,cancelled,35.50
4,2024-03-01 11:47:02,23,AT,paid,8.75
5,2024-03-01 17:20:45,9,FR,open,64.00
6,2024-03-01 21:03:19,31,DE,paid,42.10
)";

constexpr std::string_view kSecondDay = R"(order_id,ordered_at,customer_id,country,status,amount
7,2024-03-02 07:55:00,4,FR,paid,15.00
8,2024-03-02 10:11:12,23,AT,paid,99.99
9,2024-03-02 12:30:00,12,DE,paid,twelve
10,2024-03-02 13:37:00,17,DE,paid,27.45
11,2024-03-02 19:59:59,40,FR,paid,310.20
)";

constexpr std::string_view kIgnore = R"(.sluice/
warehouse/
)";

constexpr std::string_view kReadme = R"(# @NAME@

Orders arrive as CSV files in `data/orders`. A contract decides which records are good, two models
make a table of revenue by day and country from them.

    sluice validate      # everything that is wrong with these files, before anything runs
    sluice run           # lands new files and refreshes the models
    sluice status
    sluice query "SELECT * FROM gold.daily_revenue ORDER BY day, country"
    sluice quarantine list

One record in `data/orders/2024-03-02.csv` says `twelve` where an amount belongs: `sluice quarantine
list` shows it with its file, its line and the reason. The other ten are in `bronze.orders`.

- `sluice.yaml`: targets and resources
- `sources/`: where rows come from
- `contracts/`: what a good row is, and what must hold for a table before it is published
- `models/`: one SELECT for each table; the table's name is the file's path
- `tests/`: rows in, rows expected; `sluice test` runs them
)";

constexpr std::string_view kTests =
    R"(# What the shop's models and contracts do with rows that were thought of beforehand: sluice test
tests:
  - name: revenue is summed by day and country
    model: gold.daily_revenue
    given:
      silver.paid_orders:
        - {order_id: 1, day: 2024-03-01, customer_id: 7, country: DE, amount: 10.00}
        - {order_id: 2, day: 2024-03-01, customer_id: 7, country: DE, amount: 2.50}
        - {order_id: 3, day: 2024-03-01, customer_id: 8, country: FR, amount: 1.00}
    expect:
      - {day: 2024-03-01, country: DE, revenue: 12.50, orders: 2, customers: 1}
      - {day: 2024-03-01, country: FR, revenue: 1.00, orders: 1, customers: 1}
  - name: only paid orders count
    model: silver.paid_orders
    given:
      bronze.orders:
        - {order_id: 1, ordered_at: 2024-03-01T23:59:59, status: paid, amount: 1}
        - {order_id: 2, ordered_at: 2024-03-02T00:00:00, status: open, amount: 1}
    expect:
      - {order_id: 1, day: 2024-03-01}
  - name: damaged orders are refused one by one
    source: bronze.orders
    given: |
      order_id,ordered_at,customer_id,country,status,amount
      1,2024-03-01T10:00:00,7,DE,paid,10.00
      2,2024-03-01T10:00:00,7,Germany,paid,10.00
      1,2024-03-01T11:00:00,8,FR,paid,3.00
      3,2024-03-01T10:00:00,7,DE,payed,10.00
    expect:
      rows:
        - {order_id: 1, country: DE, amount: 10}
      refused:
        - {line: 3, rule: pattern, column: country}
        - {line: 4, rule: duplicate_key}
        - {line: 5, rule: domain, column: status}
  - name: a day without a country is not published
    contract: gold.daily_revenue
    given:
      - {day: 2024-03-01, orders: 1}
    expect:
      violations: {required(country): 1}
)";

std::string filled(std::string_view text, std::string_view name) {
  constexpr std::string_view kMark = "@NAME@";
  std::string result(text);
  for (std::size_t at = result.find(kMark); at != std::string::npos; at = result.find(kMark, at)) {
    result.replace(at, kMark.size(), name);
    at += name.size();
  }
  return result;
}

bool is_project_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_other = [](char c) { return (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !name.empty() && is_letter(name.front()) && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || is_other(c); });
}

}  // namespace

base::Result<std::map<std::string, std::string>> init_template(std::string_view name) {
  if (!is_project_name(name)) {
    return base::invalid_input(
        "'" + std::string(name) +
        "' cannot name a project: begin with a letter, then letters, digits, "
        "'_' and '-', at most 64");
  }
  std::map<std::string, std::string> files;
  const auto add = [&](const char* path, std::string_view text) {
    files.emplace(path, filled(text, name));
  };
  add("sluice.yaml", kSettings);
  add("sources/orders.yaml", kSource);
  add("contracts/orders.odcs.yaml", kContract);
  add("contracts/gold.daily_revenue.odcs.yaml", kExpectations);
  add("models/silver/paid_orders.sql", kSilver);
  add("models/gold/daily_revenue.sql", kGold);
  add("data/orders/2024-03-01.csv", kFirstDay);
  add("data/orders/2024-03-02.csv", kSecondDay);
  add("tests/orders.yaml", kTests);
  add(".gitignore", kIgnore);
  add("README.md", kReadme);
  return files;
}

}  // namespace sluice::project
