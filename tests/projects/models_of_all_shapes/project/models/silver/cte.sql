WITH rows AS (SELECT id, v FROM bronze.rows), again AS (SELECT * FROM rows)
SELECT * FROM again
