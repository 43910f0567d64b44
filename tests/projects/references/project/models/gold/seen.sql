SELECT id + 1 AS id FROM bronze.orders
