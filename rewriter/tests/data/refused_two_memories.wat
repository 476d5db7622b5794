;; More than one memory.
(module (memory 1) (memory 1) (memory 1))
