/*---
partition_by: "hour(ts)"
---*/
SELECT id, ts FROM bronze.rows WHERE id IN (1, 2)
