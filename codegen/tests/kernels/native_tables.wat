;; A loop that stores somewhere into a table, whose place, mask, and limit, a quotient, it loads again each time; and the rows of a flattened
;; array, which are added up in place.
(module (memory (export "memory") 3)
  (func (export "kernel") (param $id i32) (param $n i32) (param $b i32)
    (param $table i32) (param $mask i32) (param $limit i32) (param $divisor i32) (param $state i32) (param $width i32)
    (param $data i32) (param $sum i32) (param $out i32) (param $last i32)
    (local $i i32) (local $j i32) (local $x i32) (local $own f64)
    (i32.store (local.get $table) (i32.const 0x2000))
    (i32.store (local.get $mask) (i32.const 15))
    (i32.store (local.get $limit) (i32.const 90))
    (i32.store (local.get $divisor) (i32.const 3))
    (loop $next
      (i32.store (local.get $state) (local.tee $x
        (i32.add (i32.mul (i32.load (local.get $state)) (i32.const 5)) (local.get $i))))
      (i32.store
        (i32.add (i32.load (local.get $table))
          (i32.shl (i32.and (local.get $x) (i32.load (local.get $mask))) (i32.const 2)))
        (local.get $x))
      (br_if $next (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.div_s (i32.load (local.get $limit)) (i32.load (local.get $divisor))))))
    (local.set $i (i32.const 0))
    (loop $rows
      (i64.store (local.get $sum) (i64.const 0))
      (local.set $own (f64.const 0))
      (local.set $j (i32.mul (local.get $i) (local.get $width)))
      (loop $row
        (f64.store (local.get $sum) (local.tee $own
          (f64.add (local.get $own) (f64.convert_i32_s
            (i32.load (i32.add (local.get $data) (i32.shl (local.get $j) (i32.const 2))))))))
        (br_if $row (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 1)))
          (i32.mul (i32.add (local.get $i) (i32.const 1)) (local.get $width)))))
      (f64.store
        (i32.add (local.get $out) (i32.shl (local.get $i) (i32.const 3)))
        (f64.load (local.get $sum)))
      (br_if $rows (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 6))))))
