/*---
partition_by: ["month(ts)"]
---*/
SELECT id, ts, country FROM bronze.rows
