#!/usr/bin/env bash
# A year of real flights in twelve deliveries, some of them damaged. './x demo' builds first and calls this.
# Everything happens in build/demo, which is made anew; fails when any count is not as it must be.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
: "${SLUICE_ROOT:?run it as ./x demo}" "${SLUICE_BIN:?}" "${SLUICE_PYTHON:?}" "${SLUICE_DUCKDB_EXTENSIONS:?}"
readonly project="$SLUICE_ROOT/build/demo" stage="$SLUICE_ROOT/build/demo-deliveries"
started=$SECONDS

title() { printf '\n== %s\n' "$*"; }
# Shows a command as a user would type it, and does it.
show() {
  local word
  printf '$ sluice'
  for word in "$@"; do
    case "$word" in
      *[![:alnum:]_.-]*) printf ' "%s"' "$word" ;;
      --at) printf ' \\\n    --at' ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
  case "$1" in
    query | quarantine) "$SLUICE_BIN" "$@" | drops narrow cut ;;
    *) "$SLUICE_BIN" "$@" | drops narrow wrap ;;
  esac
}
drops() { "$SLUICE_PYTHON" "$here/drops.py" "$@"; }
# The one value that a query yields.
value() { "$SLUICE_BIN" query --format csv "$1" | tr -d '\r' | tail -n 1; }

rm -rf "$project" "$stage"
mkdir -p "$project" "$stage"
cp -R "$here"/{sluice.yaml,sources,contracts,models} "$project/"
"$SLUICE_PYTHON" "$SLUICE_ROOT/tools/flights_data.py" "$stage/real"
drops prepare "$stage/real" "$stage"
mkdir -p "$project/data/flights" "$project/data/weather"
cd "$project"

title "The project: examples/flights, copied to build/demo"
show validate

title "Twelve deliveries, a 'sluice run' after each"
for month in 01 02 03 04 05 06 07 08 09 10 11 12; do
  drops arrive "$stage" "$month" data
  # The run's verdict is in its report; condense stops the demo when it is not what it must be.
  "$SLUICE_BIN" run --json >"$stage/run-$month.json" || true
  drops condense "$stage" "$month" "$stage/run-$month.json"
  if [ "$month" = 03 ]; then      # the airline that was missing has come
    "$SLUICE_BIN" quarantine replay flights --json >"$stage/replay.json"
    drops replay "$stage" "$month" "$stage/replay.json"
  fi
done
landed=$SECONDS
show run

title "Rows in, by source"
show query "SELECT source, count(*) AS files, sum(records) AS records,
    sum(committed_rows) AS good, sum(quarantined_rows) AS quarantined
  FROM sluice.landed_files GROUP BY source ORDER BY records DESC"
show query "SELECT source, parse_filename(name) AS skipped, first_seq AS same_as_file
  FROM sluice.skipped_files"

title "Quarantined, by reason"
show quarantine list

show query "SELECT table_name, expectation, severity, sum(violations) AS records
  FROM sluice.quality_results WHERE severity = 'warning' GROUP BY ALL"

title "Tables and snapshots"
show status

title "Refreshes, their time and their cost"
show query "SELECT table_name, tactic, count(*) AS refreshes, sum(rows) AS rows_written,
    round(sum(wall_s), 2) AS wall_s, round(sum(cpu_s), 2) AS cpu_s,
    max(memory_peak_bytes) // 1048576 AS peak_mib
  FROM sluice.runs WHERE state = 'published' GROUP BY ALL ORDER BY cpu_s DESC"

title "Answers: where is one late, and with whom"
show query "SELECT place, origin, dest, dest_name, flights,
    round(avg_arr_delay, 1) AS minutes_late
  FROM gold.worst_routes ORDER BY place LIMIT 5"
show query "SELECT airline, sum(flights) AS flights, sum(cancelled) AS cancelled,
    count(*) FILTER (WHERE avg_arr_delay > 30) AS days_half_an_hour_late
  FROM gold.delays_by_carrier_day GROUP BY airline ORDER BY days_half_an_hour_late DESC LIMIT 5"
show query "SELECT tailnum, valid_from, valid_to, seats, reason
  FROM silver.plane_versions WHERE tailnum = 'N258JB' ORDER BY valid_from"
title "The same table at the end of May"
may="$(value "SELECT snapshot_id FROM sluice.runs
  WHERE table_name = 'bronze.flights' AND tactic = 'append' AND state = 'published' ORDER BY started_at LIMIT 1 OFFSET 4")"
show query "SELECT count(*) AS flights, max(time_hour) AS last_hour FROM bronze.flights" --at "$may"

title "A change tried on production's data, which stays as it is"
sed -i 's/count(\*) >= 100/count(*) >= 1000/' models/gold/worst_routes.sql
show run --target dev
show query --target dev "SELECT place, origin, dest_name, flights,
    round(avg_arr_delay, 1) AS minutes_late
  FROM gold.worst_routes ORDER BY place LIMIT 3"
cp "$here/models/gold/worst_routes.sql" models/gold/
show query "SELECT count(*) AS routes, min(flights) AS fewest FROM gold.worst_routes"
show run

title "One decision, and why"
decision="$(value "SELECT id FROM sluice.decisions WHERE lever = 'stage_resources'
  AND scope = 'silver.flights_enriched' ORDER BY uses DESC, decided_at LIMIT 1")"
show explain "$decision"

title "Nothing lost, nothing twice"
show audit
drops judge "$stage" "$SLUICE_BIN"
drops compare "$stage" "$SLUICE_BIN"

title "Where the tables are"
metadata="$("$SLUICE_BIN" status --json | "$SLUICE_PYTHON" -c '
import json, sys
tables = json.load(sys.stdin)["tables"]
print(next(t["metadata_location"] for t in tables if t["table"] == "gold.worst_routes"))')"
cat <<TEXT
Iceberg tables in build/demo/warehouse, the files as they arrived in build/demo/warehouse/_raw.
'sluice status --json' names each table's metadata file; for gold.worst_routes:
  ${metadata#"file://$project/"}
PyIceberg:  StaticTable.from_metadata("file://…/that-file").scan().to_arrow()
DuckDB:     INSTALL iceberg; LOAD iceberg; SELECT * FROM iceberg_scan('…/that-file');
Go on:      cd build/demo && ../sluice query "FROM gold.aircraft_turnaround" -n 20

demo: as expected, in $((SECONDS - started)) s ($((landed - started)) s of it the twelve deliveries)
TEXT
