recursion (function 2 > even > odd)
