SELECT "id", E'it\'s -- no comment' AS "--", '/*' AS text FROM "bronze"."rows" AS "r" -- bronze.nothing
