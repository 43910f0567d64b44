SELECT id FROM bronze.orders
