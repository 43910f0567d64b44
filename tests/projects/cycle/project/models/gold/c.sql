SELECT b.id FROM gold.b AS b JOIN bronze.rows USING (id)
