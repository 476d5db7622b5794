;; A module without parallel regions whose memory has been made shared: without its custom section nobody knows of the initializer.
;; RUN: run %
;; EXIT: 125
;;
(module
  (import "env" "memory" (memory 1 65536 shared))
  (func (export "omp2wasi.initialize"))
  (func (export "_start")))
