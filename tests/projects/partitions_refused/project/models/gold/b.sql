/*---
partition_by: ["weekly(id)", id]
---*/
SELECT id FROM bronze.rows
