SELECT id, v FROM bronze.rows WHERE w = 1
