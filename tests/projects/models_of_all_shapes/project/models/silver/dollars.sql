SELECT id, $tag$a; $$ -- b$tag$ AS t FROM bronze.rows ; -- $$ the end
