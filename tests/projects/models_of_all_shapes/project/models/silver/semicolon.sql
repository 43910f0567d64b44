SELECT id, v FROM bronze.rows; -- the end
;
