/*---
# a header of comments only
---*/
SELECT count(*) AS n FROM silver.sub JOIN silver.quoted USING (id) LEFT JOIN silver.listed USING (id)
  UNION ALL BY NAME SELECT count(*) AS n FROM silver.windowed
