SELECT no_such_function(id) AS x FROM bronze.rows
