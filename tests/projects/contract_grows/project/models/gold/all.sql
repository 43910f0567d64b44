SELECT * EXCLUDE (_sluice_file, _sluice_line) FROM bronze.rows
