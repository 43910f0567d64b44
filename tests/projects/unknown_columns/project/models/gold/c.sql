/*---
key: [id, vv]
partition_by: [idx]
---*/
SELECT id, v FROM bronze.rows
