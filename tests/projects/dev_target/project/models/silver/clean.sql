SELECT id, v FROM bronze.rows WHERE v > 0
