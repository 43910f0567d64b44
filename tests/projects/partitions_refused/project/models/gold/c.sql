/*---
partition_by: ["truncate(0, id)"]
---*/
SELECT id FROM bronze.rows
