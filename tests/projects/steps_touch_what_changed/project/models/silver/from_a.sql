SELECT id, v FROM bronze.a WHERE v > 0
