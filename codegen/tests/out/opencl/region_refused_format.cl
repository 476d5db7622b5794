`printf`: its format has %n (function 3)
