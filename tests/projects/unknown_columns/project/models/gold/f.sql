SELECT id, INTERVAL 1 DAY AS i FROM bronze.rows
