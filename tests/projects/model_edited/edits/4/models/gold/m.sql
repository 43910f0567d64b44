SELECT id, 'w' || v AS w FROM bronze.rows
