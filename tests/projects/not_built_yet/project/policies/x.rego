a
1
