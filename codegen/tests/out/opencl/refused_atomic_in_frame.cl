an atomic operation on a variable that may be on its stack (swap)
