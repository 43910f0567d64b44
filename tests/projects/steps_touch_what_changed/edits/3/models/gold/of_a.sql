-- only a comment and the layout differ
SELECT
  sum(v)   AS v
FROM silver.from_a
