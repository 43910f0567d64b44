SELECT id
FORM bronze.rows
