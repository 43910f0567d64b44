SELECT note FROM bronze.orders WHERE note IS NOT NULL AND note <> 'lost'
