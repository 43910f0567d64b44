SELECT 'w' || v AS w, id AS key FROM bronze.rows
