SELECT a.id FROM gold.a AS a,
  (SELECT id FROM golb.a) AS b
