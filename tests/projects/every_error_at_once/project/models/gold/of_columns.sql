SELECT cuontry FROM gold.columns
