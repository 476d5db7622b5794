;; --invoke calls exports in order, on one instance; the exit code is the last one's result, where it has an i32 one.
;; RUN: run --invoke set=40 --invoke add=2 %
;; EXIT: 42
;; RUN: run --invoke add=2 --invoke set=40 %
;; RUN: run --invoke add=1 --invoke add=1 --invoke add=1 %
;; EXIT: 3
;; RUN: run --invoke all=-1,-9223372036854775808,0.5,-1e300 %
;; EXIT: 1
;; RUN: run --invoke all=4294967295,9223372036854775808,0.5,-1e300 %
;; EXIT: 1
;; RUN: run --invoke add=255 --invoke wide %
;; RUN: run --invoke add=300 %
;; EXIT: 44
;; RUN: run --invoke add= %
;; EXIT: 125
;; RUN: run --invoke add=1,2 %
;; EXIT: 125
;; RUN: run --invoke add=one %
;; EXIT: 125
;; RUN: run --invoke add=4294967296 %
;; EXIT: 125
;; RUN: run --invoke wide=1 %
;; EXIT: 125
;; RUN: run --invoke reference=1 %
;; EXIT: 125
;; RUN: run --invoke nothing %
;; EXIT: 125
;; RUN: run --invoke state %
;; EXIT: 125
;; RUN: run --invoke add=1 --invoke nothing %
;; EXIT: 125
(module
  (global $state (export "state") (mut i32) (i32.const 0))
  (func (export "set") (param i32) (global.set $state (local.get 0)))
  (func (export "add") (param i32) (result i32)
    (global.set $state (i32.add (global.get $state) (local.get 0)))
    (global.get $state))
  (func (export "all") (param i32 i64 f32 f64) (result i32)
    (i32.and
      (i32.and (i32.eq (local.get 0) (i32.const -1)) (i64.eq (local.get 1) (i64.const 0x8000000000000000)))
      (i32.and (f32.eq (local.get 2) (f32.const 0.5)) (f64.eq (local.get 3) (f64.const -1e300)))))
  (func (export "wide") (result i64) (i64.const 7))
  (func (export "reference") (param funcref)))
