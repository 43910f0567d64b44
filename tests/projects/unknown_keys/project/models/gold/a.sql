/*---
descriptoin: x
refresh: ful
target_lag: soon
---*/
SELECT id FROM bronze.rows
