/*---
description: Revenue by day and country
key: [day, country]
---*/
SELECT day, country, sum(amount) AS revenue, count(*) AS orders
FROM silver.paid
GROUP BY day, country
