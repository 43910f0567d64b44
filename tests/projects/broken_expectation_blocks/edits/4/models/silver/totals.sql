/*---
key: [k]
---*/
SELECT v AS k, sum(id) AS total FROM bronze.rows WHERE v IS NOT NULL AND id < 100 GROUP BY v
