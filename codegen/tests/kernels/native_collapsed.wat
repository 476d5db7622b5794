;; Loops over the iterations of two or three: native code has nests again. The last one divides by a small constant, and stays as it is.
(module
  (memory (export "memory") 1 1)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32) (param $a i32) (param $b i32) (param $n i32)
    (local $c i32) (local $i i32) (local $j i32) (local $k i64) (local $q i64) (local $r i64) (local $columns i64)
    ;; a[i][j] = b[j], row by row
    (loop $rows
      (local.set $i (i32.div_s (local.get $c) (local.get $block)))
      (local.set $j (i32.sub (local.get $c) (i32.mul (local.get $i) (local.get $block))))
      (f64.store
        (i32.add (local.get $a) (i32.add (i32.shl (local.get $i) (i32.const 10)) (i32.shl (local.get $j) (i32.const 3))))
        (f64.load (i32.add (local.get $b) (i32.shl (local.get $j) (i32.const 3)))))
      (br_if $rows (i32.ne (local.tee $c (i32.add (local.get $c) (i32.const 1))) (local.get $n))))
    ;; Planes, rows and columns, with 64-bit numbers.
    (local.set $columns (i64.extend_i32_s (local.get $block)))
    (loop $planes
      (local.set $q (i64.div_s (local.get $k) (i64.mul (local.get $columns) (local.get $columns))))
      (local.set $r (i64.sub (local.get $k) (i64.mul (local.get $q) (i64.mul (local.get $columns) (local.get $columns)))))
      (local.set $q (i64.div_s (local.get $r) (local.get $columns)))
      (i32.store
        (i32.add
          (local.get $a)
          (i32.wrap_i64
            (i64.add
              (i64.shl (local.get $q) (i64.const 7))
              (i64.shl (i64.sub (local.get $r) (i64.mul (local.get $q) (local.get $columns))) (i64.const 2)))))
        (i32.wrap_i64 (local.get $r)))
      (br_if $planes
        (i64.ne (local.tee $k (i64.add (local.get $k) (i64.const 1))) (i64.extend_i32_u (local.get $n)))))
    ;; The remainder only, unsigned.
    (local.set $c (i32.const 0))
    (loop $channels
      (i32.store8
        (i32.add (local.get $a) (i32.rem_u (local.get $c) (local.get $block)))
        (i32.const 1))
      (br_if $channels (i32.ne (local.tee $c (i32.add (local.get $c) (i32.const 1))) (local.get $n))))
    (local.set $c (i32.const 0))
    (loop $pairs
      (i32.store8 (i32.add (local.get $a) (i32.div_u (local.get $c) (i32.const 3))) (i32.const 1))
      (br_if $pairs (i32.ne (local.tee $c (i32.add (local.get $c) (i32.const 1))) (local.get $n))))))
