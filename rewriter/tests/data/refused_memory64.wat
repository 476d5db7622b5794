;; A 64-bit memory.
(module (memory i64 1))
