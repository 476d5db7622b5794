;; A kernel as clang makes it of a loop over a row: pointers, a counter, floats. Each thread has a row of its own.
(module
  (memory (export "memory") 3)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32)
    (local $in i32) (local $out i32) (local $left i32)
    (local.set $in (i32.add (i32.const 64) (i32.mul (local.get $id) (i32.const 512))))
    (local.set $out (i32.add (local.get $in) (i32.const 65536)))
    (local.set $left (i32.const 30))
    (loop $next
      (f64.store (local.get $out)
        (f64.convert_i32_s (i32.sub
          (i32.add (i32.load (local.get $in)) (i32.load offset=8 (local.get $in)))
          (i32.shl (i32.load offset=4 (local.get $in)) (i32.const 1)))))
      (local.set $in (i32.add (local.get $in) (i32.const 4)))
      (local.set $out (i32.add (local.get $out) (i32.const 8)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
