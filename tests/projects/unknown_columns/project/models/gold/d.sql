SELECT id, v FROM bronze.rows
