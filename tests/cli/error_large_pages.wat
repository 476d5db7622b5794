;; The host may be told of any object inside the memory that it is large, and of none that is not.
;; RUN: run --invoke tell=0,0 --invoke tell=65536,8388608 --invoke tell=13107199,1 --invoke tell=13107200,0 --invoke tell=1,4095 %
;; RUN: run --no-huge-pages --invoke tell=65536,8388608 %
;; RUN: run --invoke tell=65536,13107200 %
;; EXIT: 134
;; RUN: run --invoke tell=-1,2 %
;; EXIT: 134
(module
  (import "env" "memory" (memory 200 200 shared))
  (import "omp2wasi" "use_large_pages" (func $use_large_pages (param i32 i32)))
  (func (export "tell") (param $address i32) (param $size i32)
    (call $use_large_pages (local.get $address) (local.get $size))
    (i32.atomic.store8 (i32.const 65536) (i32.const 1))))
