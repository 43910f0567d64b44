SELECT id FROM gold.c
