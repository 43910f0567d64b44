/*---
description: Each aircraft's previous departure from New York, and the time until it left again
target_lag: 1h
key: [time_hour, carrier, flight]
---*/
SELECT
  g.time_hour,
  g.carrier,
  g.flight,
  g.tailnum,
  g.flight_date,
  g.origin,
  g.dest,
  g.departed_at,
  lag(g.departed_at) OVER aircraft AS previous_departed_at,
  lag(g.dest) OVER aircraft AS previous_dest,
  date_diff('minute', lag(g.departed_at) OVER aircraft, g.departed_at) AS turnaround_min,
  date_diff('minute', lag(g.departed_at) OVER aircraft, g.departed_at)
    - lag(g.air_time) OVER aircraft AS turnaround_less_flight_min
FROM silver.aircraft_legs AS g
WINDOW aircraft AS (PARTITION BY g.tailnum ORDER BY g.departed_at, g.time_hour, g.carrier, g.flight)
