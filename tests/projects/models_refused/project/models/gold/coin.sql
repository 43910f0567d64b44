SELECT id, random() AS r FROM bronze.rows
