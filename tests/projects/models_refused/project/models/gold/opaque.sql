PIVOT bronze.rows ON v USING count(*)
