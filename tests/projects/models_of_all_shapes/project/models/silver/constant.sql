SELECT 1 AS one, 'x' AS letter, NULL AS nothing
