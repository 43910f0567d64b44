/*---
deadline: 06:00
budget: 1
refresh: incremental_strict
engine: flink
---*/
SELECT id FROM bronze.events
