;; Asks for target regions by names of a GiB, of a thousand bytes, and by many names.
;; MEMORY: 16M
;; INVOKE: go
;; OUTCOME: exited: 7
(module
  (import "omp2wasi" "device_region" (func $region (param i32 i32 i32) (result i32)))
  (import "omp2wasi" "device_refused" (func $refused (param i32 i32 i32 i32)))
  (import "env" "memory" (memory 1 65536 shared))
  (func (export "go") (result i32) (local $i i32)
    (drop (memory.grow (i32.const 16400)))
    (loop $next
      (i32.store (i32.const 100) (local.get $i))
      (if (call $region (i32.const 0) (i32.const 100) (i32.const 0x3fff0000)) (then (unreachable)))
      (if (call $region (i32.const 0) (i32.const 100) (i32.const 1000)) (then (unreachable)))
      (call $refused (i32.const 100) (i32.const 4000) (i32.const 100) (i32.const 4000))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30000))))
    (i32.const 7))
  (@custom "omp2wasi" "\02\00\00\00"))
