SELECT id FROM bronze.rows
