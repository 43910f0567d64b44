/*---
partition_by: [country, "bucket(4, id)"]
---*/
SELECT id, country FROM bronze.rows WHERE id <> 2
