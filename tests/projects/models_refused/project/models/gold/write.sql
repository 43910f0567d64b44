DELETE FROM bronze.rows
