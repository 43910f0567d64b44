/*---
description: Departures that took place, by aircraft, with the moment of leaving the gate
target_lag: 15m
key: [time_hour, carrier, flight]
---*/
SELECT
  f.time_hour,
  f.carrier,
  f.flight,
  f.tailnum,
  f.flight_date,
  f.origin,
  f.dest,
  f.time_hour + to_minutes(f.minute + f.dep_delay) AS departed_at,
  f.air_time
FROM silver.flights_enriched AS f
WHERE f.tailnum IS NOT NULL AND f.dep_delay IS NOT NULL
