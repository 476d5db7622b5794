it changes memory beside its loop (function 3)
