/*---
description: Orders with their customer's country
key: [id]
---*/
SELECT o.id, CAST(o.at AS DATE) AS day, c.country, o.amount
FROM bronze.orders AS o
LEFT JOIN bronze.customers AS c USING (customer)
