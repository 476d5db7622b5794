;; Loops that get a second version: counted up and down, to a limit and as long as something is less; pointers that share a base, one that
;; moves by a distance that is not known, one that stands still; a way out in the middle, and what is set in one branch only.
(module
  (memory (export "memory") 1 1)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32) (param $a i32) (param $b i32) (param $n i32)
    (local $i i32) (local $p i32) (local $sum f64) (local $k i64) (local $q i32)
    ;; a[i] = b[i - 1] + b[i + 1]
    (loop $up
      (f64.store
        (i32.add (local.get $a) (local.tee $p (i32.shl (local.get $i) (i32.const 3))))
        (f64.add
          (f64.load (i32.sub (i32.add (local.get $b) (local.get $p)) (i32.const 8)))
          (f64.load offset=8 (i32.add (local.get $b) (local.get $p)))))
      (br_if $up (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    ;; A column: the distance is a parameter; the loop counts down to zero.
    (local.set $p (local.get $a))
    (local.set $i (local.get $n))
    (loop $down
      (local.set $sum (f64.add (local.get $sum) (f64.load (local.get $p))))
      (local.set $p (i32.add (local.get $p) (local.get $block)))
      (br_if $down (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    ;; A 64-bit counter, less than a limit; left where a byte is zero.
    (block $out
      (loop $less
        (br_if $out (i32.eqz (i32.load8_u (local.tee $q (i32.add (local.get $b) (i32.wrap_i64 (local.get $k)))))))
        (if (i32.load8_u offset=1 (local.get $q)) (then (local.set $p (local.get $q))))
        (i32.store8 (local.get $p) (i32.const 7))
        (f64.store (local.get $a) (local.get $sum))
        (br_if $less
          (i64.lt_s (local.tee $k (i64.add (local.get $k) (i64.const 2))) (i64.extend_i32_u (local.get $n))))))
    ;; Its number of iterations depends on the memory: it has one version.
    (loop $loaded
      (i32.store (local.get $a) (local.get $i))
      (local.set $a (i32.add (local.get $a) (i32.const 4)))
      (br_if $loaded (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.load (local.get $b)))))))
