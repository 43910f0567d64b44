SELECT 'w' || v AS w, id AS key, v FROM bronze.rows
