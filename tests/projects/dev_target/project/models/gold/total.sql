SELECT CAST(sum(v) AS BIGINT) AS total FROM silver.clean
