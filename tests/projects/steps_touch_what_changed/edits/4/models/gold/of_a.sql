SELECT sum(v) + 1 AS v FROM silver.from_a
