#!/usr/bin/env bash
# package.sh <build folder> <output folder>: makes sluice_<version>_<architecture>.deb of the built programs and
# prints its path. Programs and libduckdb lie together in /usr/lib/sluice and find each other by $ORIGIN, so the
# package works from any root it is unpacked into. Every other library is a Debian package that it depends on.
set -euo pipefail

readonly BUILD="$(readlink -f "$1")"
readonly OUT="$2"
readonly ROOT="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
readonly ARCHITECTURE="$(dpkg --print-architecture)"
readonly VERSION="$(sed -n 's/.*kProgramVersion = "\(.*\)".*/\1/p' "$ROOT/src/service/app/version.h")"
readonly NAME="sluice_${VERSION}_${ARCHITECTURE}"
STAGE="$(mktemp -d)"
trap 'rm -rf "$STAGE"' EXIT
readonly TREE="$STAGE/$NAME"

install_programs() {
  cmake --install "$BUILD" --component package --prefix "$TREE/usr" --strip >/dev/null
  mkdir -p "$TREE/usr/bin"
  ln -s ../lib/sluice/sluice "$TREE/usr/bin/sluice"
  chmod 644 "$TREE"/usr/lib/sluice/*.so
}

# Where the build has its third parties from; the cache has a type only where nobody gave the value.
third_party_folder() { sed -n 's/^SLUICE_THIRD_PARTY:[A-Z]*=//p' "$BUILD/CMakeCache.txt"; }

# The worker looks for extensions in a folder beside it.
install_extensions() {
  local name cache
  cache="$(third_party_folder)"
  for name in postgres mysql sqlite; do
    install -D -m 644 -t "$TREE/usr/lib/sluice/duckdb-extensions" \
      "$cache/duckdb-extension-$name-scanner"-*/"${name}_scanner.duckdb_extension"
  done
}

install_manual_and_completion() {
  local program="$TREE/usr/lib/sluice/sluice" share="$TREE/usr/share"
  mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/vendor-completions" \
    "$share/fish/vendor_completions.d"
  "$program" completion man | gzip -9n >"$share/man/man1/sluice.1.gz"
  "$program" completion bash >"$share/bash-completion/completions/sluice"
  "$program" completion zsh >"$share/zsh/vendor-completions/_sluice"
  "$program" completion fish >"$share/fish/vendor_completions.d/sluice.fish"
}

# licence <name> <file>: what is compiled into the programs or lies beside them.
licence() {
  [ -s "$2" ] || { echo "package: the licence of $1 is not at $2" >&2; exit 1; }
  printf '\n%s\n%s\n\n' "$1" "$(printf '%*s' "${#1}" '' | tr ' ' '-')"
  cat "$2"
}

install_licences() {
  local folder="$TREE/usr/share/doc/sluice" cache
  cache="$(third_party_folder)"
  mkdir -p "$folder"
  {
    echo "This package has Sluice, and these parts of others:"
    licence "DuckDB (libduckdb.so)" "$(ls -d "$cache"/duckdb-library-*/LICENSE)"
    licence "simdjson" "$(ls -d "$cache"/simdjson-*/LICENSE)"
    licence "JSON for Modern C++" /usr/share/doc/nlohmann-json3-dev/copyright
    licence "CLI11" /usr/share/doc/libcli11-dev/copyright
    licence "{fmt}" /usr/share/doc/libfmt-dev/copyright
    licence "spdlog" /usr/share/doc/libspdlog-dev/copyright
    licence "xxHash" /usr/share/doc/libxxhash-dev/copyright
    printf '\nDuckDB extensions postgres_scanner, mysql_scanner, sqlite_scanner (DuckDB Foundation; MIT License)\n'
    printf '\nOpen Data Contract Standard (JSON Schemas)\n'
    printf 'Copyright Bitol, a Linux Foundation AI & Data project; Apache License 2.0\n'
    printf '(/usr/share/common-licenses/Apache-2.0)\n'
  } >"$folder/copyright"
}

# The packages of the libraries that the programs load, but libduckdb.
dependencies() {
  local library package
  for program in "$TREE"/usr/lib/sluice/sluice*; do
    LD_LIBRARY_PATH="$TREE/usr/lib/sluice" ldd "$program"
  done | awk '$2 == "=>" && $3 ~ /^\// {print $3}' | grep -v "^$TREE/" | sort -u | while read -r library; do
    package=$(dpkg-query -S "$(readlink -f "$library")" 2>/dev/null || dpkg-query -S "*/$(basename "$library")" | head -n 1)
    echo "${package%%:*}"
  done | sort -u | while read -r package; do
    printf '%s (>= %s)\n' "$package" "$(dpkg-query -W -f '${Version}' "$package" | sed 's/^\([0-9:.]*[0-9]\).*/\1/')"
  done | paste -sd, | sed 's/,/, /g'
}

write_control() {
  mkdir -p "$TREE/DEBIAN"
  cat >"$TREE/DEBIAN/control" <<CONTROL
Package: sluice
Version: $VERSION
Architecture: $ARCHITECTURE
Section: database
Priority: optional
Maintainer: The Sluice authors <sluice@localhost>
Installed-Size: $(du -sk "$TREE/usr" | cut -f1)
Depends: $(dependencies)
Description: self-optimizing ETL engine
 Lands files exactly once in open Iceberg tables, holds them to their contracts
 and keeps SQL models fresh.
CONTROL
  (cd "$TREE" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
}

install_programs
install_extensions
install_manual_and_completion
install_licences
write_control
mkdir -p "$OUT"
dpkg-deb --build --root-owner-group -Zzstd -z"${SLUICE_PACKAGE_LEVEL:-12}" "$TREE" "$OUT/$NAME.deb" >/dev/null
echo "$OUT/$NAME.deb"
