/*---
partition_by: ["year(day)", "truncate(2, country)", "truncate(10, id)"]
---*/
SELECT id, CAST(ts AS DATE) AS day, country FROM bronze.rows WHERE ts IS NOT NULL
