the variables on its stack have 20016 bytes, of at most 16384 (function 1)
