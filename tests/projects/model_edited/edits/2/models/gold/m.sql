SELECT id, v, v * 2 AS w FROM bronze.rows
