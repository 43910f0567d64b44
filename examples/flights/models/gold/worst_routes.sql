/*---
description: Routes of at least 100 flights, the latest arrivals first
target_lag: 1h
key: [origin, dest]
---*/
SELECT
  rank() OVER (ORDER BY r.avg_arr_delay DESC, r.origin, r.dest) AS place,
  r.origin,
  r.dest,
  r.dest_name,
  r.flights,
  r.cancelled_share,
  r.avg_arr_delay,
  r.worst_arr_delay
FROM (
  SELECT
    origin,
    dest,
    min(dest_name) AS dest_name,
    count(*) AS flights,
    avg(CASE WHEN cancelled THEN 1 ELSE 0 END) AS cancelled_share,
    avg(arr_delay) AS avg_arr_delay,
    max(arr_delay) AS worst_arr_delay
  FROM silver.flights_enriched
  GROUP BY origin, dest
  HAVING count(*) >= 100 AND count(arr_delay) > 0
) AS r
