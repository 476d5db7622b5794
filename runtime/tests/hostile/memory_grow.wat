;; Grows the memory as far as it goes, and touches all of it.
;; INVOKE: go
;; OUTCOME: exited: 7
(module (memory (export "memory") 1)
  (func (export "go") (result i32) (local $at i32)
    (loop $more
      (local.set $at (memory.grow (i32.const 16)))
      (if (i32.ne (local.get $at) (i32.const -1))
        (then
          (memory.fill (i32.shl (local.get $at) (i32.const 16)) (i32.const 1) (i32.const 0x100000))
          (br $more))))
    (i32.const 7)))
