SELECT rule, "column", count(*) AS records, min(line) AS line FROM quarantine.rows GROUP BY ALL
