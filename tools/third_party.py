#!/usr/bin/env python3
"""Fetch, verify and unpack the artifacts of third_party.lock.toml into the user's cache folder.

Each artifact comes through its ecosystem's ordinary client (npm, cargo, pip), so the user's own registry
settings apply. What is already there with the right sha256 is not fetched again; folders appear atomically.
"""
import argparse
import fcntl
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile

LOCK = pathlib.Path(__file__).with_name("third_party.lock.toml")


class FetchError(Exception):
    """A message for the user: what failed and what to do."""


def cache_root():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sluice"


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def run_client(command, folder, attempts=3):
    if not shutil.which(command[0]):
        raise FetchError(f"'{command[0]}' is not on PATH; it is needed to fetch a third-party artifact")
    for _ in range(attempts):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode == 0:
            return
    raise FetchError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def fetch_npm(artifact, folder):
    run_client(["npm", "pack", "--silent", f"{artifact['package']}@{artifact['version']}"], folder)
    return folder / artifact["file"]


def fetch_crate(artifact, folder):
    """Let cargo fetch the crate for an empty project, then take it from cargo's own download cache.

    An old cargo downloads everything and then fails on a newer dependency's manifest: what counts is
    whether the archive came.
    """
    (folder / "lib.rs").touch()
    (folder / "Cargo.toml").write_text(
        '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n'
        f'[dependencies]\n{artifact["package"]} = '
        f'{{ version = "={artifact["version"]}", default-features = false }}\n')
    home = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    archives = f"registry/cache/*/{artifact['file']}"
    if not list(home.glob(archives)):
        try:
            run_client(["cargo", "fetch", "--quiet", "--target", "x86_64-unknown-linux-gnu"], folder)
        except FetchError:
            if not list(home.glob(archives)):
                raise
    return next(home.glob(archives), folder / artifact["file"])


def fetch_pypi(artifact, folder):
    """pip itself refuses a wrong hash, before it looks into a source archive for its metadata."""
    (folder / "wanted.txt").write_text(
        f"{artifact['package']}=={artifact['version']} --hash=sha256:{artifact['sha256']}\n")
    run_client([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                "--require-hashes", "--dest", ".", "--requirement", "wanted.txt"], folder)
    return folder / artifact["file"]


CLIENTS = {"npm": fetch_npm, "crate": fetch_crate, "pypi": fetch_pypi}


def download(artifact, downloads):
    """Return the verified archive, fetching it when it is absent or damaged."""
    target = downloads / artifact["file"]
    if target.exists() and sha256_of(target) == artifact["sha256"]:
        return target
    print(f"fetching {artifact['name']} {artifact['version']} ({artifact['ecosystem']})", flush=True)
    with tempfile.TemporaryDirectory(dir=downloads) as folder:
        fetched = CLIENTS[artifact["ecosystem"]](artifact, pathlib.Path(folder))
        if not fetched.exists():
            raise FetchError(f"{artifact['name']}: the client did not leave {artifact['file']}")
        if (actual := sha256_of(fetched)) != artifact["sha256"]:
            raise FetchError(f"{artifact['file']}: sha256 is {actual}, the lock file says {artifact['sha256']}")
        staged = pathlib.Path(folder) / "verified"
        shutil.copyfile(fetched, staged)
        os.replace(staged, target)
    return target


def copy_members(archive, members, folder):
    """Copy {path inside: path outside} out of a tar or zip; a path ending in '/' copies a whole folder."""
    name, data = archive
    if zipfile.is_zipfile(data):
        data.seek(0)
        with zipfile.ZipFile(data) as box:
            files = [(entry, lambda entry=entry: box.open(entry)) for entry in box.namelist() if entry[-1] != "/"]
            copy_files(name, files, members, folder)
    else:
        data.seek(0)
        with tarfile.open(fileobj=data) as box:
            files = [(entry.name, lambda entry=entry: box.extractfile(entry)) for entry in box if entry.isfile()]
            copy_files(name, files, members, folder)


def copy_files(name, files, members, folder):
    nested, missing = {}, set(members)
    for wanted, target in members.items():
        outer, bang, inner = wanted.partition("!")
        if bang:
            nested.setdefault(outer, {})[inner] = target
    for path, open_file in files:
        if path in nested:
            copy_members((path, io.BytesIO(open_file().read())), nested[path], folder)
            missing -= {f"{path}!{inner}" for inner in nested[path]}
        for wanted, target in members.items():
            if path != wanted and not (wanted.endswith("/") and path.startswith(wanted)):
                continue
            destination = folder / (target + path[len(wanted):])
            destination.parent.mkdir(parents=True, exist_ok=True)
            with open_file() as source, open(destination, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            missing.discard(wanted)
    if missing:
        raise FetchError(f"{name} holds no {', '.join(sorted(missing))}")


def unpack(artifact, cache, staged):
    archive = download(artifact, cache / "downloads")
    with open(archive, "rb") as data:
        copy_members((artifact["file"], data), artifact["unpack"], staged)


def link(layout, _, staged):
    for path, target in layout["links"].items():
        (staged / path).parent.mkdir(parents=True, exist_ok=True)
        (staged / path).symlink_to("../" * len(pathlib.PurePath(path).parts) + target)


def install(entry, cache, fill):
    """Make the entry's folder equal to what the lock file asks for; does nothing when it already is."""
    folder = cache / "third_party" / f"{entry['name']}-{entry['version']}"
    stamp = folder / ".lock-entry"
    wanted = json.dumps(entry, sort_keys=True)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    staged = pathlib.Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unpack-"))
    try:
        fill(entry, cache, staged)
        (staged / ".lock-entry").write_text(wanted)
        staged.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(staged, folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="artifacts to install, default all")
    args = parser.parse_args()
    cache = cache_root()
    (cache / "downloads").mkdir(parents=True, exist_ok=True)
    (cache / "third_party").mkdir(parents=True, exist_ok=True)
    lock = tomllib.loads(LOCK.read_text())
    entries = [(entry, unpack) for entry in lock["artifact"]] + [(entry, link) for entry in lock["layout"]]
    if unknown := set(args.names) - {entry["name"] for entry, _ in entries}:
        sys.exit(f"{LOCK.name}: no artifact {', '.join(sorted(unknown))}")
    with open(cache / "third_party.flock", "w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        for entry, fill in entries:
            if args.names and entry["name"] not in args.names:
                continue
            try:
                install(entry, cache, fill)
            except (FetchError, OSError, tarfile.TarError, zipfile.BadZipFile) as error:
                sys.exit(f"third_party: {entry['name']}: {error}")


if __name__ == "__main__":
    main()
