;; portable
;; A function of ours, imported with another type.
(module
  (import "omp2wasi" "num_procs" (func (param i64)))
  (memory 1))
