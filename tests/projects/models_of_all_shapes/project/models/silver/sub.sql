SELECT r.id, (SELECT count(*) FROM silver.semicolon AS s WHERE s.id <= r.id) AS n
FROM bronze.rows AS r
WHERE EXISTS (SELECT 1 FROM silver.cte AS c WHERE c.id = r.id)
