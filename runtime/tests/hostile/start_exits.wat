;; A start function that ends the program.
;; OUTCOME: exited: 3
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory 1 1 shared))
  (func $s (call $exit (i32.const 3)))
  (start $s)
  (func (export "_start"))
  (@custom "omp2wasi" "\02\00\00\00"))
