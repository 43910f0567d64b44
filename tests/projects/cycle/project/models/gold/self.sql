SELECT id FROM gold.self
