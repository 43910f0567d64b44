SELECT sum("10") AS tens FROM gold.wide
