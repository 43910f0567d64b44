SELECT id, v FROM bronze.b
