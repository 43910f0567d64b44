SELECT id FROM rows
