SELECT v, count(*) AS n FROM bronze.rows GROUP BY v
