"""`sluice up`: the Iceberg REST catalog as PyIceberg, DuckDB and plain HTTP see it."""

import json
import os
import signal
import socket
from pathlib import Path

import duckdb
import pytest
from daemon import up
from orders import ORDERS_CONTRACT, ORDERS_MODEL, ORDERS_SOURCE
from program import SETTINGS, Project

DROP = "id,country,amount\n1,NZ,10.5\n2,DE,3\n3,DE,4\n"


@pytest.fixture
def shop(orders):
    """One source and one model, with their first rows."""
    orders.drop("data/orders/1.csv", DROP)
    orders.run()
    return orders


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    """The same for tests that only read."""
    project = Project(tmp_path_factory.mktemp("read") / "project").write(
        {
            "sluice.yaml": SETTINGS,
            "sources/orders.yaml": ORDERS_SOURCE,
            "contracts/orders.odcs.yaml": ORDERS_CONTRACT,
            "models/gold/by_country.sql": ORDERS_MODEL,
        }
    )
    project.drop("data/orders/1.csv", DROP)
    project.run()
    with up(project) as running:
        running.project = project
        yield running


def engine(catalog_url: str):
    folder = os.environ.get("SLUICE_DUCKDB_EXTENSIONS", "")
    if not Path(folder).is_dir():
        pytest.fail("SLUICE_DUCKDB_EXTENSIONS names no folder; run the tests by ./x test")
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"SET extension_directory = '{folder}'")
    connection.execute("SET autoinstall_known_extensions = false")
    for name in ("avro", "httpfs", "iceberg"):
        connection.execute(f"LOAD {name}")
    connection.execute(
        f"ATTACH '' AS lake (TYPE iceberg, ENDPOINT '{catalog_url}', AUTHORIZATION_TYPE 'none',"
        " ACCESS_DELEGATION_MODE 'none')"
    )
    return connection


def test_the_daemon_is_the_projects_one_front(shop):
    with up(shop) as daemon:
        refused = shop.call("run", exit=1)
        assert f"sluice up at {daemon.url}" in refused.err
        assert shop.rows("SELECT count(*) FROM bronze.orders") == [[3]]
        assert shop.tables()["bronze.orders"]
        second = shop.call("up", "--port", "0", exit=1)
        assert daemon.url in second.err
        assert daemon.stop(signal.SIGINT) == 0
    shop.run()
    shop.audit()


def test_a_request_under_way_is_answered_before_the_daemon_leaves(project):
    with up(project) as daemon:
        slow = socket.create_connection(("127.0.0.1", daemon.port), timeout=10)
        slow.sendall(b"GET /iceberg/v1/config HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n")
        assert daemon.ask("GET", "/healthz")[0] == 200  # the head of the slow one has been read
        daemon.process.send_signal(signal.SIGTERM)
        slow.sendall(b"x")
        assert slow.recv(100).startswith(b"HTTP/1.1 200")
        slow.close()
        assert daemon.process.wait(30) == 0


def test_it_listens_on_this_machine_alone(project):
    refused = project.call("up", "--address", "0.0.0.0", exit=2)
    assert "TLS and tokens, which are not built" in refused.err


def test_a_port_that_is_taken_is_named(project, daemon):
    refused = project.call("up", "--port", daemon.port, exit=2)
    assert f"port {daemon.port} of 127.0.0.1 is taken" in refused.err


def test_requests_are_logged_and_counted(project):
    with up(project) as daemon:
        daemon.get("namespaces")
        daemon.get("namespaces/none")
        metrics = daemon.ask("GET", "/metrics")[2]
        assert daemon.ask("GET", "/readyz")[0] == 200
    log = (project.root / ".sluice/dev/sluice.log.jsonl").read_text().splitlines()
    requests = [line for line in map(json.loads, log) if line["event"] == "http.request" and line["endpoint"] != "GET /metrics"]
    assert [(line["endpoint"], line["status"]) for line in requests] == [
        ("GET /v1/{prefix}/namespaces", 200),
        ("GET /v1/{prefix}/namespaces/{namespace}", 404),
        ("GET /readyz", 200),
    ]
    assert 'endpoint="GET /v1/{prefix}/namespaces",status="200"} 1' in metrics


def test_pyiceberg_reads_the_tables(daemon):
    catalog = daemon.pyiceberg()
    assert catalog.list_namespaces() == [("bronze",), ("gold",)]
    assert catalog.list_tables("bronze") == [("bronze", "orders")]
    assert catalog.table_exists("gold.by_country")
    assert not catalog.table_exists("gold.none")
    assert not catalog.namespace_exists("none")
    rows = catalog.load_table("gold.by_country").scan().to_arrow().to_pylist()
    assert sorted(row["orders"] for row in rows) == [1, 2]
    table = catalog.load_table("bronze.orders")
    assert table.metadata_location == daemon.project.tables()["bronze.orders"]["metadata_location"]


def test_duckdb_reads_the_tables(daemon):
    lake = engine(daemon.catalog_url)
    assert lake.execute("SELECT id, amount::DOUBLE FROM lake.bronze.orders ORDER BY id").fetchall() == [
        (1, 10.5),
        (2, 3.0),
        (3, 4.0),
    ]
    assert lake.execute(
        "SELECT country, o.id FROM lake.gold.by_country JOIN lake.bronze.orders o USING (country)"
        " ORDER BY o.id"
    ).fetchall() == [("NZ", 1), ("DE", 2), ("DE", 3)]


def test_config_lists_what_there_is_and_nothing_else(daemon):
    endpoints = daemon.get("config")[2]["endpoints"]
    names = {"namespace": "bronze", "table": "orders", "prefix": ""}
    for endpoint in endpoints:
        method, path = endpoint.split(" ")
        path = path.replace("/v1/{prefix}/", "").format(**names)
        if method in ("GET", "HEAD"):
            assert daemon.ask(method, "/iceberg/v1/" + path)[0] in (200, 204), endpoint
    assert daemon.get("config?warehouse=dev")[0] == 200
    assert daemon.refused("GET", "config?warehouse=other", 404)["type"] == "NoSuchWarehouseException"


def test_snapshots_are_all_or_those_of_refs(shop):
    shop.drop("data/orders/2.csv", "id,country,amount\n4,FR,1\n")
    shop.run()
    with up(shop) as daemon:
        path = "namespaces/bronze/tables/orders"
        _, headers, everything = daemon.get(path)
        _, of_refs, named = daemon.get(path + "?snapshots=refs")
        assert len(everything["metadata"]["snapshots"]) == 2
        current = everything["metadata"]["current-snapshot-id"]
        assert [s["snapshot-id"] for s in named["metadata"]["snapshots"]] == [current]
        assert headers["ETag"] != of_refs["ETag"]
        assert daemon.refused("GET", path + "?snapshots=some", 400)["type"] == "BadRequestException"
        assert daemon.get(path, headers={"If-None-Match": headers["ETag"]})[0] == 304
        assert daemon.get(path, headers={"If-None-Match": of_refs["ETag"]})[0] == 200


def test_lists_come_in_pages(daemon):
    assert daemon.get("namespaces?pageSize=1")[2]["next-page-token"] is None
    seen, token = [], ""
    while token is not None:
        page = daemon.get(f"namespaces?pageSize=1&pageToken={token}")[2]
        seen += page["namespaces"]
        token = page["next-page-token"]
    assert seen == [["bronze"], ["gold"]]
    assert daemon.refused("GET", "namespaces?pageToken=what", 400)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("namespaces/none", 404, "NoSuchNamespaceException"),
        ("namespaces/none/tables", 404, "NoSuchNamespaceException"),
        ("namespaces?parent=none", 404, "NoSuchNamespaceException"),
        ("namespaces/bronze/tables/none", 404, "NoSuchTableException"),
        ("namespaces/bronze%1Forders/tables/x", 404, "NoSuchTableException"),
        ("namespaces/bronze/tables/..%2Forders", 400, "BadRequestException"),
        ("namespaces/bronze/tables/%2e%2e", 400, "BadRequestException"),
        ("namespaces/bronze/tables/o%00", 400, "BadRequestException"),
        ("namespaces/bronze/tables/%ff", 400, "BadRequestException"),
        ("namespaces/bronze/tables/orders/plan", 404, "NoSuchEndpointException"),
        ("namespaces/bronze/views", 404, "NoSuchEndpointException"),
        ("nothing", 404, "NoSuchEndpointException"),
    ],
)
def test_each_error_is_the_protocols(daemon, path, status, kind):
    assert daemon.refused("GET", path, status)["type"] == kind
