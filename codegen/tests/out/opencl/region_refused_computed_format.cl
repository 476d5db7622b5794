`printf`: its format is computed (function 3)
