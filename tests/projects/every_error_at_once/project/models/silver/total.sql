SELECT country FROM bronze.customers
