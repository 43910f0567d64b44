"""Clickstream events of about 380 bytes as NDJSON, CSV and Parquet drops, and the project that takes them."""
import duckdb

from inputs.projects import SETTINGS, write

TABLE = "bronze.clicks"

# Names, DuckDB types and contract types. What DuckDB's own reader is told is exactly what the contract says.
COLUMNS = [
    ("event_id", "VARCHAR", "string", None),
    ("occurred_at", "TIMESTAMP", "timestamp", "timestamp"),
    ("user_id", "BIGINT", "integer", "bigint"),
    ("session_id", "VARCHAR", "string", None),
    ("event_type", "VARCHAR", "string", None),
    ("page_url", "VARCHAR", "string", None),
    ("referrer", "VARCHAR", "string", None),
    ("country", "VARCHAR", "string", None),
    ("device", "VARCHAR", "string", None),
    ("duration_ms", "INTEGER", "integer", "int"),
    ("price", "DECIMAL(9,2)", "number", "decimal(9,2)"),
    ("quantity", "INTEGER", "integer", "int"),
    ("is_member", "BOOLEAN", "boolean", None),
    ("campaign", "VARCHAR", "string", None),
]

EVENTS = """SELECT
  substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-4' || substr(h, 14, 3) || '-a' || substr(h, 18, 3) || '-'
    || substr(h, 21, 12) AS event_id,
  TIMESTAMP '2026-03-01' + to_microseconds(n * 43210 + r % 997) AS occurred_at,
  CAST(r % 400000 + 1000000 AS BIGINT) AS user_id,
  'sess-' || CAST((r % 400000) * 7 + n // 500000 AS VARCHAR) AS session_id,
  ['view', 'view', 'view', 'view', 'click', 'click', 'search', 'cart', 'purchase', 'logout'][r % 10 + 1] AS event_type,
  'https://shop.example.com/' || ['garden', 'kitchen', 'books', 'music', 'sports'][(r >> 8) % 5 + 1]
    || '/item-' || CAST((r >> 12) % 50000 AS VARCHAR) || '?ref=' || substr(h, 1, 6) AS page_url,
  CASE WHEN (r >> 4) % 3 = 0 THEN NULL
       ELSE 'https://www.' || ['search', 'news', 'social', 'mail'][(r >> 6) % 4 + 1] || '.example/q/'
         || CAST((r >> 16) % 2000 AS VARCHAR) END AS referrer,
  ['DE', 'FR', 'US', 'JP', 'BR', 'IN', 'GB', 'ZA'][(r >> 20) % 8 + 1] AS country,
  ['mobile', 'mobile', 'desktop', 'tablet'][(r >> 24) % 4 + 1] AS device,
  CAST((r >> 5) % 120000 AS INTEGER) AS duration_ms,
  CASE WHEN r % 10 = 8 THEN CAST(((r >> 7) % 90000 + 99) / 100 AS DECIMAL(9, 2)) END AS price,
  CAST(CASE WHEN r % 10 = 8 THEN (r >> 9) % 9 + 1 ELSE 0 END AS INTEGER) AS quantity,
  (r >> 3) % 4 = 0 AS is_member,
  'spring-' || CAST((r >> 28) % 40 AS VARCHAR) AS campaign
FROM (SELECT range AS n, md5(CAST(range AS VARCHAR)) AS h, CAST(hash(range) >> 1 AS BIGINT) AS r
      FROM range({first}, {last}))"""

SOURCE = """source: bronze.clicks
type: files
path: data/clicks/*.{ending}
format: {format}
contract: contracts/clicks.odcs.yaml
settle: 0s
raw: {raw}
"""

# Twelve rules beside the types: five required, a primary key, two domains, three ranges, one length.
RULES = {
    "event_id": "primaryKey: true, logicalTypeOptions: {minLength: 36, maxLength: 36}",
    "occurred_at": "required: true",
    "user_id": "required: true, logicalTypeOptions: {minimum: 1}",
    "session_id": "required: true",
    "event_type": "required: true, quality: [{metric: invalidValues, arguments: {validValues: "
                  "[view, click, search, cart, purchase, logout]}, mustBe: 0}]",
    "country": "required: true",
    "device": "quality: [{metric: invalidValues, arguments: {validValues: [mobile, desktop, tablet]}, mustBe: 0}]",
    "duration_ms": "logicalTypeOptions: {minimum: 0, maximum: 86400000}",
    "quantity": "logicalTypeOptions: {minimum: 0, maximum: 1000}",
}


def write_drops(folder, rows, files, fmt):
    """Writes `rows` events as `files` drops of one format; returns their bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    options = {"ndjson": "FORMAT json", "csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet, COMPRESSION zstd"}
    con = duckdb.connect()
    con.execute("SET threads = 2")
    for i in range(files):
        events = EVENTS.format(first=rows * i // files, last=rows * (i + 1) // files)
        con.execute(f"COPY ({events}) TO '{folder}/{i:03}.{fmt}' ({options[fmt]})")
    return sum(path.stat().st_size for path in folder.iterdir())


def write_project(project, fmt, memory="2GiB", raw="copy"):
    write(project / "sluice.yaml", SETTINGS.format(name="clicks", memory=memory))
    write(project / "sources/clicks.yaml", SOURCE.format(ending=fmt, format=fmt, raw=raw))
    lines = ["apiVersion: v3.2.0\nkind: DataContract\nid: bench-clicks\nversion: 1.0.0\nstatus: active\n"
             "schema:\n  - name: clicks\n    properties:\n"]
    for name, _, logical, physical in COLUMNS:
        parts = [f"name: {name}", f"logicalType: {logical}"]
        if physical:
            parts.append(f'physicalType: "{physical}"')
        if name in RULES:
            parts.append(RULES[name])
        lines.append(f"      - {{ {', '.join(parts)} }}\n")
    write(project / "contracts/clicks.odcs.yaml", "".join(lines))
