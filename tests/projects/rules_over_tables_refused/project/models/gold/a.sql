SELECT 1::BIGINT AS id, 'x' AS name
