SELECT id,
  amonut
FROM bronze.rows
