"""`sluice import dbt`: a dbt project becomes one of ours, runs, and what is left is listed."""

import json

import pytest

from program import Project, call

BAKERY = {
    "dbt_project.yml": """\
name: bakery
version: "1.0"
profile: bakery
vars:
  bakery: {currency: EUR}
models:
  bakery:
    +materialized: view
    marts: {+materialized: table, +tags: [nightly]}
""",
    "packages.yml": "packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.1.1\n",
    "seeds/raw_customers.csv": "id,name,since\n1,Ada,2021-05-01\n2,Bo,2022-01-15\n3,Cy,\n",
    "seeds/raw_orders.csv": "id,customer,day,cents,status\n10,1,2024-01-01,450,done\n11,1,2024-01-02,1200,done\n"
                            "12,2,2024-01-02,300,open\n13,3,2024-01-03,999,back\n",
    "macros/money.sql": "{% macro money(column, places=2) -%}\n  cast({{ column }} / 100.0 as decimal(9,{{ places }}))\n{%- endmacro %}\n",
    "models/staging/stg_orders.sql": """\
with source as (
    select * from {{ ref('raw_orders') }}
)
select id as order_id, customer as customer_id, day, {{ money('cents') }} as amount,
       '{{ var("currency") }}' as currency, status
from source
""",
    "models/staging/stg_customers.sql": "select id as customer_id, name, since from {{ ref('raw_customers') }}\n",
    "models/staging/schema.yml": """\
version: 2
models:
  - name: stg_orders
    description: One row an order
    columns:
      - name: order_id
        description: Given by the till
        data_tests: [unique, not_null]
      - name: status
        tests:
          - accepted_values: {values: [done, open, back]}
      - name: customer_id
        tests:
          - relationships: {to: ref('stg_customers'), field: customer_id}
""",
    "models/marts/customers.sql": """\
{{ config(unique_key='customer_id') }}
{% set statuses = ['done', 'open', 'back'] %}
select c.customer_id, c.name,
  {% for status in statuses -%}
  count(*) filter (where o.status = '{{ status }}') as {{ status }}_orders,
  {% endfor -%}
  sum(o.amount) as amount
from {{ ref('stg_customers') }} c
left join {{ ref('stg_orders') }} o using (customer_id)
group by all
""",
    "models/marts/days.sql": """\
{{ config(materialized='incremental') }}
select day, sum(amount) as amount from {{ ref('stg_orders') }}
{% if is_incremental() %} where day > (select max(day) from {{ this }}) {% endif %}
group by day
""",
    "models/marts/broken.sql": "select {{ dbt_utils.star(ref('stg_orders')) }} from {{ ref('stg_orders') }}\n",
    "models/marts/snowflaky.sql": "select iff(amount > 1, 1, 0) as large from {{ ref('stg_orders') }}\n",
    "models/marts/of_snowflaky.sql": "select sum(large) as n from {{ ref('snowflaky') }}\n",
    "tests/no_negative_amounts.sql": "select * from {{ ref('stg_orders') }} where amount < 0\n",
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dbt")
    Project(folder / "dbt").write(BAKERY)
    answer = call("import", "dbt", "dbt", "--out", "bakery", "--json", cwd=folder)
    assert answer.exit == 0, answer
    return Project(folder / "bakery"), json.loads(answer.out)


def test_the_imported_project_runs_and_answers(imported):
    bakery, report = imported
    assert (report["models"], report["seeds"]) == (4, 2)
    assert "is valid" in bakery.call("validate").out
    runs = bakery.run()
    assert {run["state"] for run in runs.values()} == {"published"}
    assert bakery.rows("SELECT name, done_orders, open_orders, amount FROM marts.customers ORDER BY name") == [
        ["Ada", 2, 0, "16.50"], ["Bo", 0, 1, "3.00"], ["Cy", 0, 0, "9.99"]]
    assert bakery.rows("SELECT day, amount FROM marts.days ORDER BY day") == [
        ["2024-01-01", "4.50"], ["2024-01-02", "15.00"], ["2024-01-03", "9.99"]]
    assert bakery.audit()["findings"] == []


def test_its_tests_hold_the_tables_to_their_contracts(imported):
    bakery, _ = imported
    contract = (bakery.root / "contracts/staging.stg_orders.odcs.yaml").read_text()
    assert "required: true" in contract and "unique: true" in contract and "Given by the till" in contract
    bakery.drop("seeds/raw_orders.csv", "id,customer,day,cents,status\n14,1,2024-01-04,100,lost\n")
    runs = bakery.run(exit=1)
    assert runs["staging.stg_orders"]["state"] == "rejected"
    assert bakery.rows("SELECT count(*) FROM staging.stg_orders") == [[4]]


def test_what_is_left_is_listed_with_its_reason(imported):
    bakery, report = imported
    left = {(one["file"], one["reason"]) for one in report["left"]}
    files = {file for file, _ in left}
    assert {"packages.yml", "tests/no_negative_amounts.sql", "models/marts/days.sql"} <= files
    reason = lambda file: " ".join(text for name, text in left if name == file)
    assert "dbt_utils.star() is not known" in reason("models/marts/broken.sql").replace("'", "")
    assert "iff" in reason("models/marts/snowflaky.sql")
    assert "snowflaky" in reason("models/marts/of_snowflaky.sql")
    assert (bakery.root / "left/models/marts/snowflaky.sql").exists()
    assert not (bakery.root / "models/marts/snowflaky.sql").exists()


def test_the_terminal_lists_it_too_and_nothing_is_overwritten(imported):
    bakery, _ = imported
    folder = bakery.root.parent
    again = call("import", "dbt", "dbt", "--out", "bakery", cwd=folder)
    assert again.exit == 2 and "exists" in again.err and "--out" in again.err
    printed = call("import", "dbt", "dbt", "--out", "second", cwd=folder)
    assert printed.exit == 0 and "left for you:" in printed.out and "cd second && sluice validate" in printed.out


def test_a_folder_without_a_dbt_project_is_named(tmp_path):
    answer = call("import", "dbt", ".", cwd=tmp_path)
    assert answer.exit == 2 and "dbt_project.yml" in answer.err
