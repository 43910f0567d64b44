/*---
key: [k]
---*/
SELECT v AS k, sum(id) AS total FROM bronze.rows GROUP BY v
