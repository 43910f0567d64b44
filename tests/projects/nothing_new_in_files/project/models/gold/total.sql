SELECT count(*) AS rows, max(id) AS last FROM bronze.rows
