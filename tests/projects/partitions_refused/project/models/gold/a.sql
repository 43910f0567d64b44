/*---
partition_by: ["day(id)"]
---*/
SELECT id FROM bronze.rows
