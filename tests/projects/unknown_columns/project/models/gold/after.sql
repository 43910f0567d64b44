SELECT nothing FROM gold.a
