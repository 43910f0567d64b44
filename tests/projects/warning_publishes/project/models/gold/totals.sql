SELECT v AS k, count(*) AS n FROM bronze.rows GROUP BY v
