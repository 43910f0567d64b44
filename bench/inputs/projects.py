"""Projects and data that the benches make for themselves."""
import duckdb

SETTINGS = """project: {name}
targets:
  dev: {{ warehouse: ./warehouse, metastore: sqlite }}
default_target: dev
resources: {{ memory: {memory} }}
"""

SOURCE = """source: bronze.{name}
type: files
path: data/{name}/*.csv
contract: contracts/{name}.odcs.yaml
settle: 0s
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def write_source(project, name, columns):
    """A source with a contract; columns are (name, logical type, physical type)."""
    write(project / f"sources/{name}.yaml", SOURCE.format(name=name))
    lines = [f"apiVersion: v3.2.0\nkind: DataContract\nid: bench-{name}\nversion: 1.0.0\nstatus: active\n"
             f"schema:\n  - name: {name}\n    properties:\n"]
    for column, logical, physical in columns:
        lines.append(f"      - name: {column}\n        logicalType: {logical}\n        required: true\n")
        if physical:
            lines.append(f"        physicalType: {physical}\n")
    write(project / f"contracts/{name}.odcs.yaml", "".join(lines))


def write_model(project, table, sql, key="id"):
    path = table.replace(".", "/")
    write(project / f"models/{path}.sql", f"/*---\ndescription: A model of the bench\nkey: [{key}]\n---*/\n{sql}\n")


def write_thousand_models(project):
    """Five sources of twenty rows, then ten layers of a hundred models that read the layer below."""
    write(project / "sluice.yaml", SETTINGS.format(name="thousand", memory="2GiB"))
    for source in range(5):
        name = f"events_{source}"
        write_source(project, name, [("id", "integer", "bigint"), ("kind", "string", None),
                                     ("amount", "integer", "bigint"), ("day", "date", None)])
        rows = [f"{i},{'abc'[i % 3]},{i * (source + 1)},2024-03-{i % 28 + 1:02}\n" for i in range(20)]
        write(project / f"data/{name}/first.csv", "id,kind,amount,day\n" + "".join(rows))
    for layer in range(10):
        for model in range(100):
            first = f"bronze.events_{model % 5}" if layer == 0 else f"layer_{layer - 1}.model_{model:02}"
            second = f"bronze.events_{(model + 1) % 5}" if layer == 0 else f"layer_{layer - 1}.model_{(model + 7) % 100:02}"
            write_model(project, f"layer_{layer}.model_{model:02}",
                        f"SELECT a.id, a.kind, a.amount + b.amount AS amount, a.day\n"
                        f"FROM {first} AS a\nJOIN {second} AS b ON b.id = a.id\nWHERE a.kind <> 'z'")


CUSTOMERS = 2_000_000
ROWS_PER_FILE = 2_500_000


def write_big_project(project, csv_bytes):
    """Orders of that many bytes, customers, and a join, an aggregate and a sort over all orders."""
    write(project / "sluice.yaml", SETTINGS.format(name="big", memory="512MiB"))
    write_source(project, "orders", [
        ("order_id", "integer", "bigint"), ("customer_id", "integer", "bigint"), ("product", "string", None),
        ("amount", "number", "decimal(12,2)"), ("ordered_at", "timestamp", None), ("note", "string", None)])
    write_source(project, "customers", [("customer_id", "integer", "bigint"), ("name", "string", None),
                                        ("country", "string", None)])
    write_model(project, "silver.orders_of_customers",
                "SELECT o.order_id, o.customer_id, o.product, o.amount, o.ordered_at, c.name, c.country\n"
                "FROM bronze.orders AS o\nJOIN bronze.customers AS c ON c.customer_id = o.customer_id",
                key="order_id")
    write_model(project, "gold.revenue_by_customer",
                "SELECT customer_id, count(*) AS orders, sum(amount) AS revenue, max(ordered_at) AS last_order\n"
                "FROM bronze.orders GROUP BY customer_id", key="customer_id")
    write_model(project, "gold.orders_by_amount",
                "SELECT amount, order_id, customer_id, product FROM bronze.orders ORDER BY amount DESC, order_id",
                key="order_id")
    return write_orders(project, csv_bytes)


def write_orders(project, csv_bytes):
    connection = duckdb.connect(config={"memory_limit": "2GB", "preserve_insertion_order": "false"})
    for name in ("orders", "customers"):
        (project / "data" / name).mkdir(parents=True)
    connection.execute(f"""COPY (SELECT range AS customer_id, 'customer ' || hash(range) AS name,
            chr((65 + range % 26)::INT) || chr((65 + range // 26 % 26)::INT) AS country FROM range({CUSTOMERS}))
        TO '{project}/data/customers/all.csv'""")
    written = 0
    part = 0
    while written < csv_bytes:
        path = project / "data" / "orders" / f"{part:03}.csv"
        first = part * ROWS_PER_FILE
        connection.execute(f"""COPY (SELECT range AS order_id, (hash(range) % {CUSTOMERS})::BIGINT AS customer_id,
                'product-' || hash(range, 1) % 50000 AS product,
                ((hash(range, 2) % 10000000)::DOUBLE / 100)::DECIMAL(12,2) AS amount,
                strftime(TIMESTAMP '2024-01-01' + to_seconds((hash(range, 3) % 31536000)::BIGINT),
                         '%Y-%m-%dT%H:%M:%S') AS ordered_at,
                'left at the door of number ' || hash(range, 4) AS note
            FROM range({first}, {first + ROWS_PER_FILE})) TO '{path}'""")
        written += path.stat().st_size
        part += 1
    return written
