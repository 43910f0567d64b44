/*---
depends_on: [bronze.rows]
---*/
PIVOT bronze.rows ON v IN (10, 20) USING count(*) GROUP BY id
