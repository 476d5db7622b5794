;; A memory that is too large from the start.
;; OUTCOME: failed: the module's memory has 4096 MiB from the start
(module (memory (export "memory") 65536) (func (export "_start")))
