the address of a variable on the stack escapes (function 0)
