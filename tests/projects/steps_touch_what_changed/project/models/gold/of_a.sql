SELECT sum(v) AS v FROM silver.from_a
