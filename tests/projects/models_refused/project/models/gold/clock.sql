SELECT id, now() AS ts
FROM bronze.rows
WHERE current_date > DATE '2000-01-01'
