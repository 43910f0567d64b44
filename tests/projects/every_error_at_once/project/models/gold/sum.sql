/*---
descripton: Sum
---*/
SELECT 1 FROM silver.totl
