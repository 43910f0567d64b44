SELECT id, id FROM bronze.rows
