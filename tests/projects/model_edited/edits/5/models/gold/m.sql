SELECT id AS key, 'w' || v AS w FROM bronze.rows
