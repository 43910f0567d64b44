SELECT idd FROM bronze.rows
