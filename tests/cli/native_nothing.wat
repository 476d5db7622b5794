;; A module without parallel regions has nothing to be native, which is said where it is asked for.
;; RUN: compile %
;; RUN: run --engine native %
;; RUN: run -v %
;; RUN: run -v --engine native %
;; RUN: run -v --engine cranelift %
;; RUN: run --engine nativ %
;; EXIT: 2
(module
  (memory (export "memory") 1)
  (func (export "_start")))
