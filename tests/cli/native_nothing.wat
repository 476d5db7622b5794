;; A module without parallel regions has nothing to be native.
;; RUN: compile %
;; RUN: run --engine native %
;; RUN: run --engine nativ %
;; EXIT: 2
(module
  (memory (export "memory") 1)
  (func (export "_start")))
