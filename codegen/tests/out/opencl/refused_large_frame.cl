the variables on its stack have 20096 bytes, of at most 16384 (function 1)
