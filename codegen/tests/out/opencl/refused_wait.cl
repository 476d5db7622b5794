work-items cannot wait for one another (function 0)
