"""The Debian package works from wherever it is unpacked, without anything of the build."""

import os
import sqlite3
import subprocess
from contextlib import closing

import pytest

from program import BIN, ROOT

HIDDEN = ("LD_LIBRARY_PATH", "PYTHONPATH", "SLUICE_BIN", "SLUICE_ROOT", "SLUICE_DUCKDB_EXTENSIONS")


def call(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    out = tmp_path_factory.mktemp("package")
    made = call(ROOT / "tools/package.sh", BIN.parent, out, env={**os.environ, "SLUICE_PACKAGE_LEVEL": "1"})
    return made.strip()


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("root")
    call("dpkg-deb", "-x", package, folder)
    return folder


def test_it_names_what_it_needs(package):
    fields = call("dpkg-deb", "-f", package)
    depends = next(line for line in fields.splitlines() if line.startswith("Depends: "))
    for library in ("libc6", "libsqlite3-0", "libcurl4", "libyaml-cpp0.7"):
        assert f"{library} (>= " in depends, depends
    assert "duckdb" not in depends
    assert "Package: sluice\n" in fields and "Installed-Size: " in fields


def test_it_holds_programs_manual_completion_and_licences(unpacked):
    for name in ("lib/sluice/sluice", "lib/sluice/sluice-worker", "lib/sluice/libduckdb.so",
                 "share/man/man1/sluice.1.gz", "share/bash-completion/completions/sluice",
                 "share/zsh/vendor-completions/_sluice", "share/fish/vendor_completions.d/sluice.fish"):
        assert (unpacked / "usr" / name).is_file(), name
    for database in ("postgres", "mysql", "sqlite"):
        assert (unpacked / f"usr/lib/sluice/duckdb-extensions/{database}_scanner.duckdb_extension").is_file()
    licences = (unpacked / "usr/share/doc/sluice/copyright").read_text()
    for name in ("DuckDB", "simdjson", "JSON for Modern C++", "CLI11", "Open Data Contract Standard"):
        assert name in licences
    for program in ("sluice", "sluice-worker"):
        dynamic = call("readelf", "-d", unpacked / "usr/lib/sluice" / program)
        assert ".cache" not in dynamic and str(ROOT) not in dynamic


def test_it_runs_a_project_from_there(unpacked, tmp_path):
    env = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    env |= {"PATH": f"{unpacked}/usr/bin:/usr/bin:/bin", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    call("sluice", "init", "shop", cwd=tmp_path, env=env)
    shop = tmp_path / "shop"
    assert "published" in call("sluice", "run", cwd=shop, env=env)
    answer = call("sluice", "query", "SELECT count(*) AS n FROM bronze.orders", "--json", cwd=shop, env=env)
    assert '"n"' in answer
    call("sluice", "audit", "--deep", cwd=shop, env=env)
    worker = call("ldd", unpacked / "usr/lib/sluice/sluice-worker", env=env)
    assert f"libduckdb.so => {unpacked}" in worker


def test_it_reads_a_database_with_what_is_in_it(unpacked, tmp_path):
    env = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    env |= {"PATH": f"{unpacked}/usr/bin:/usr/bin:/bin", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    call("sluice", "init", "shop", cwd=tmp_path, env=env)
    shop = tmp_path / "shop"
    with closing(sqlite3.connect(shop / "shop.db")) as database:
        database.execute("CREATE TABLE visits (id INTEGER PRIMARY KEY, page TEXT)")
        database.execute("INSERT INTO visits VALUES (1, 'a'), (2, 'b')")
        database.commit()
    (shop / "sources/visits.yaml").write_text(
        "source: bronze.visits\ntype: sql\nconnection: sqlite:shop.db\ntable: visits\ncursor: id\n")
    assert "published   bronze.visits" in call("sluice", "run", cwd=shop, env=env)
    # It was the package's extension and not the build's: without a sound one nothing is read.
    extension = unpacked / "usr/lib/sluice/duckdb-extensions/sqlite_scanner.duckdb_extension"
    sound = extension.read_bytes()
    extension.write_bytes(sound[:1000])
    again = subprocess.run(["sluice", "run"], cwd=shop, env=env, capture_output=True, text=True, check=False)
    extension.write_bytes(sound)
    assert again.returncode == 1 and str(extension) in again.stdout + again.stderr


def test_it_is_installed_by_dpkg(package, tmp_path):
    root = tmp_path / "root"
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    for folder in ("info", "updates", "triggers"):
        (root / "var/lib/dpkg" / folder).mkdir()
    call("dpkg", f"--root={root}", "--log=/dev/null", "--force-depends", "--force-not-root", "-i", package)
    assert "sluice " in call(root / "usr/bin/sluice", "--version")
    listed = call("dpkg", f"--root={root}", "-L", "sluice")
    assert "/usr/lib/sluice/sluice-worker" in listed
    call("dpkg", f"--root={root}", "--log=/dev/null", "--force-not-root", "-r", "sluice")
    assert not (root / "usr/bin/sluice").exists()
