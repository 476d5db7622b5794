;; Waits in memory at a million addresses, for no time and for a short time.
;; MEMORY: 96M
;; OUTCOME: exited: 7
(module
  (import "env" "memory" (memory 1024 1024 shared))
  (func (export "_start") (result i32) (local $at i32)
    (loop $next
      (if (i32.ne (memory.atomic.wait32 (local.get $at) (i32.const 0) (i64.const 0)) (i32.const 2)) (then (unreachable)))
      (if (i32.ne (memory.atomic.wait32 (local.get $at) (i32.const 1) (i64.const -1)) (i32.const 1)) (then (unreachable)))
      (if (memory.atomic.notify (local.get $at) (i32.const 1)) (then (unreachable)))
      (if (i32.eqz (i32.and (local.get $at) (i32.const 0x3fff)))
        (then (if (i32.ne (memory.atomic.wait64 (local.get $at) (i64.const 0) (i64.const 1)) (i32.const 2)) (then (unreachable)))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 0x400000))))
    (i32.const 7)))
