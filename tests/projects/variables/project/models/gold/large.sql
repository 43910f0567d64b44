SELECT sum(n) AS n, getvariable('least') AS least FROM bronze.rows WHERE n >= getvariable('least') AND day >= getvariable('since')
