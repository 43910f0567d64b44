SELECT id, line FROM silver.orders CROSS JOIN quarantine.orders
