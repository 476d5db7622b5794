it has several loops to share (function 1)
