;; Frames of computed size in private memory: the stack pointer is a variable, a function that calls others sets it and it is checked, one that
;; calls none leaves it as it is; what is allocated in each round of a loop is freed at its end; a frame of fixed size is below those.
(module (memory (export "memory") 3)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  ;; A fixed frame: its two words are stored at a computed index.
  (func $pair (param $from i32) (param $index i32) (result i32) (local $frame i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (i64.store offset=8 (local.get $frame) (i64.load (local.get $from)))
    (i32.load offset=8 (i32.add (local.get $frame) (i32.shl (i32.and (local.get $index) (i32.const 1)) (i32.const 2)))))
  ;; So many words that are counted down, and the sum of them.
  (func $leaf (param $count i32) (result i32) (local $at i32) (local $all i32) (local $i i32)
    (local.set $at
      (i32.sub (global.get $__stack_pointer)
        (i32.and (i32.add (i32.shl (local.get $count) (i32.const 2)) (i32.const 15)) (i32.const -16))))
    (loop $fill
      (i32.store (i32.add (local.get $at) (i32.shl (local.get $i) (i32.const 2))) (i32.sub (local.get $count) (local.get $i)))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $count))))
    (loop $add
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $all (i32.add (local.get $all) (i32.load (i32.add (local.get $at) (i32.shl (local.get $i) (i32.const 2))))))
      (br_if $add (local.get $i)))
    (local.get $all))
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (local $base i32) (local $frame i32) (local $saved i32) (local $at i32) (local $n i32) (local $all i32)
    (local.set $base (i32.add (i32.const 65536) (i32.shl (local.get $id) (i32.const 8))))
    (global.set $__stack_pointer (local.tee $frame (i32.sub (global.get $__stack_pointer) (i32.const 16))))
    (i32.store offset=12 (local.get $frame) (i32.load (local.get $base)))
    (loop $round
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (local.set $saved (global.get $__stack_pointer))
      (global.set $__stack_pointer
        (local.tee $at (i32.sub (local.get $saved) (i32.and (i32.add (i32.shl (local.get $n) (i32.const 3)) (i32.const 15)) (i32.const -16)))))
      (i64.store (i32.add (local.get $at) (i32.shl (i32.sub (local.get $n) (i32.const 1)) (i32.const 3)))
        (i64.load (i32.add (local.get $base) (i32.shl (local.get $n) (i32.const 3)))))
      (local.set $all
        (i32.add (local.get $all)
          (call $pair (i32.add (local.get $at) (i32.shl (i32.sub (local.get $n) (i32.const 1)) (i32.const 3))) (local.get $n))))
      (global.set $__stack_pointer (local.get $saved))
      (br_if $round (i32.lt_u (local.get $n) (i32.const 9))))
    (i32.store offset=128 (local.get $base) (local.get $all))
    (i32.store offset=132 (local.get $base) (call $leaf (i32.add (local.get $n) (i32.const 4))))
    (i32.store offset=136 (local.get $base) (i32.load offset=12 (local.get $frame)))
    (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 16)))))
