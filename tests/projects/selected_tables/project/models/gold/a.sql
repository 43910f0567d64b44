SELECT count(*) AS n FROM silver.a
