;; Variables whose names are those of types: 129 vectors, of which the last one is v128, and integers up to i64.
(module (memory (export "memory") 3)
  (func (export "kernel") (param $id i32) (param $n i32) (param $b i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (local v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128)
    (local.set 64 (i32.add (i32.const 65536) (i32.mul (local.get $id) (i32.const 1024))))
    (local.set 8 (i32.load (local.get 64)))
    (local.set 16 (i32.extend8_s (local.get 8)))
    (local.set 32 (i32.extend16_s (local.get 8)))
    (local.set 128 (v128.load (local.get 64)))
    (loop $next
      (local.set 128 (i8x16.shuffle 15 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 (local.get 128) (local.get 128)))
      (br_if $next (i32.lt_u (local.tee 9 (i32.add (local.get 9) (i32.const 1))) (i32.and (local.get 8) (i32.const 15)))))
    (v128.store (local.get 64) (i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31 (local.get 128) (i32x4.splat (local.get 32))))
    (i64.store offset=16 (local.get 64) (i64.extend_i32_s (local.get 16)))))
