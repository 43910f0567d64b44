/*---
depends_on: [bronze.rows]
---*/
PIVOT (SELECT id, v, now() AS ts FROM bronze.rows) ON v IN (1) USING count(*)
