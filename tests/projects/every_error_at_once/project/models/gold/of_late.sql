SELECT id FROM bronze.late
