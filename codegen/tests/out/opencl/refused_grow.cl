it grows the memory (function 0)
