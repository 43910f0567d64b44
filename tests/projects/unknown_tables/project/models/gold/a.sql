SELECT id
FROM bronze.rosw
