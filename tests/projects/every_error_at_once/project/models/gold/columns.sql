SELECT cuontry FROM bronze.customers
