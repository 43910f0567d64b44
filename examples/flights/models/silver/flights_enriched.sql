/*---
description: Each departure with the weather at its hour, its aircraft and its destination
target_lag: 15m
key: [time_hour, carrier, flight]
partition_by: [origin]
---*/
SELECT
  f.time_hour,
  f.carrier,
  f.flight,
  make_date(f.year, f.month, f.day) AS flight_date,
  f.tailnum,
  f.origin,
  f.dest,
  f.minute,
  f.dep_delay,
  f.arr_delay,
  f.air_time,
  f.distance,
  f.dep_time IS NULL AS cancelled,
  w.temp,
  w.wind_speed,
  w.precip,
  w.visib,
  p.manufacturer,
  p.model,
  p.seats,
  p.built_in,
  a.name AS dest_name,
  a.lat AS dest_lat,
  a.lon AS dest_lon
FROM bronze.flights AS f
LEFT JOIN bronze.weather AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
LEFT JOIN silver.plane_versions AS p
  ON p.tailnum = f.tailnum
  AND make_date(f.year, f.month, f.day) >= p.valid_from
  AND make_date(f.year, f.month, f.day) < coalesce(p.valid_to, DATE '9999-12-31')
LEFT JOIN bronze.airports AS a ON a.faa = f.dest
