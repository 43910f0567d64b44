SELECT "Order Id" AS "x y", "select", "a""b'c.d" AS "日本", order_id IS NULL AS n FROM (SELECT *, NULL AS order_id FROM bronze.names)
