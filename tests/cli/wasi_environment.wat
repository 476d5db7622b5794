;; OpenMP's variables and those of --env reach the program; the caller's others do not. --threads is OMP_NUM_THREADS.
;; ENV: OMP_SCHEDULE=dynamic,3
;; ENV: SECRET=x
;; ENV: LANG=tlh
;; RUN: run %
;; RUN: run --env A=1 --env B= --env SECRET %
;; RUN: run --env A=1 --env A=2=3 --threads 5 %
;; RUN: run --env OMP_SCHEDULE=static %
;; RUN: run --env THERE_IS_NO_SUCH_VARIABLE %
;; EXIT: 125
;; RUN: run --threads 0 %
;; EXIT: 2
(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1990) "variables\0a")
  ;; 0: count. 4: bytes. 16: an iovec. 1000: pointers. 2000: the strings, each with a zero behind it, which becomes a line feed.
  (func (export "_start") (result i32) (local $at i32)
    (if (call $environ_sizes_get (i32.const 0) (i32.const 4)) (then (return (i32.const 1))))
    (if (call $environ_get (i32.const 1000) (i32.const 2000)) (then (return (i32.const 2))))
    (local.set $at (i32.const 2000))
    (loop $next
      (if (i32.eqz (i32.load8_u (local.get $at))) (then (i32.store8 (local.get $at) (i32.const 10))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.add (i32.const 2000) (i32.load (i32.const 4))))))
    (i32.store (i32.const 16) (i32.const 1990))
    (i32.store (i32.const 20) (i32.add (i32.load (i32.const 4)) (i32.const 10)))
    (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
