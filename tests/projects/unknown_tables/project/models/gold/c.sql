/*---
depends_on: [bronze.rows, gold.aa]
---*/
PIVOT bronze.rows ON v IN (1) USING count(*)
