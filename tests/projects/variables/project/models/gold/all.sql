SELECT count(*) AS n, any_value(getvariable('country')) AS country FROM bronze.rows
