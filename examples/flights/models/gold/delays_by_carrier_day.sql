/*---
description: How punctual each airline was on each day
target_lag: 30m
key: [flight_date, carrier]
priority: high
---*/
SELECT
  f.flight_date,
  f.carrier,
  min(l.name) AS airline,
  count(*) AS flights,
  count(*) FILTER (WHERE f.cancelled) AS cancelled,
  avg(CASE WHEN f.arr_delay >= 15 THEN 1 WHEN f.arr_delay IS NOT NULL THEN 0 END) AS late_share,
  avg(f.dep_delay) AS avg_dep_delay,
  avg(f.arr_delay) AS avg_arr_delay,
  sum(f.distance) AS miles
FROM silver.flights_enriched AS f
LEFT JOIN bronze.airlines AS l ON l.carrier = f.carrier
GROUP BY f.flight_date, f.carrier
