;; unsupported: an element segment whose offset is not a constant (position-independent code?)
