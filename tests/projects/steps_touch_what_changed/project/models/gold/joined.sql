SELECT a.id, a.v AS a, b.v AS b FROM silver.from_a AS a JOIN silver.from_b AS b USING (id)
