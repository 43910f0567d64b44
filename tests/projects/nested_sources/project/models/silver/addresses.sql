SELECT id, address.city AS city, len(items) AS bought FROM bronze.orders
