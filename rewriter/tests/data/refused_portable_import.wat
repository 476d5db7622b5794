;; portable
;; A function of the module `omp2wasi` that we do not know has no replacement.
(module
  (import "omp2wasi" "levitate" (func))
  (memory 1))
