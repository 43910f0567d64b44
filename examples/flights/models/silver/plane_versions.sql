/*---
description: Each aircraft as it was known to be, from a day on until the next correction
target_lag: 1h
key: [tailnum, valid_from]
---*/
WITH versions AS (
  SELECT p.tailnum, DATE '1900-01-01' AS valid_from, p.seats, 'registered' AS reason
  FROM bronze.planes AS p
  UNION ALL
  SELECT c.tailnum, c.valid_from, c.seats, c.reason
  FROM bronze.plane_corrections AS c
)
SELECT
  v.tailnum,
  v.valid_from,
  lead(v.valid_from) OVER (PARTITION BY v.tailnum ORDER BY v.valid_from) AS valid_to,
  p.manufacturer,
  p.model,
  p.year AS built_in,
  v.seats,
  v.reason
FROM versions AS v
JOIN bronze.planes AS p ON p.tailnum = v.tailnum
