it grows the memory (function 4)
