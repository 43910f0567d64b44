SELECT id, sum(v) OVER (ORDER BY id) AS running, lag(v) OVER (ORDER BY id) AS before
FROM bronze.rows QUALIFY row_number() OVER (ORDER BY id) > 1
