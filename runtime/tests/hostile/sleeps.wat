;; Waits in memory: at every address for no time, then for ever at one.
;; TIME: 1
;; OUTCOME: trapped: the program has run for
(module
  (import "env" "memory" (memory 1024 1024 shared))
  (func (export "_start") (local $at i32)
    (loop $next
      (drop (memory.atomic.wait32 (local.get $at) (i32.const 0) (i64.const 0)))
      (drop (memory.atomic.notify (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 0x800000))))
    (drop (memory.atomic.wait64 offset=8 (i32.const 0) (i64.const 0) (i64.const -1)))))
