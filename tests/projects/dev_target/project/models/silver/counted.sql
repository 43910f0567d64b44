SELECT count(*) AS n FROM bronze.rows
