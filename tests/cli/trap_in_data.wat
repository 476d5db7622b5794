;; A data segment that does not fit into the memory is a trap when the program starts.
;; RUN: run %
;; EXIT: 134
(module
  (memory (export "memory") 1)
  (data (i32.const 65534) "does not fit")
  (func (export "_start")))
