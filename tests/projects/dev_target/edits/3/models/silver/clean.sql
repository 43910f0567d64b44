SELECT id, v + 1 AS v FROM bronze.rows WHERE v > 0
