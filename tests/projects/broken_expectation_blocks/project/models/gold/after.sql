SELECT count(*) AS n, max(total) AS top FROM silver.totals
