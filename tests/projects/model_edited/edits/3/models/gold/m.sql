SELECT id, v * 2 AS w FROM bronze.rows
