/*---
depends_on: [bronze.rows]
---*/
PIVOT bronze.rows ON v USING count(*)
