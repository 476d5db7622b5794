;; Vectors: what C has operators for, lanes, shuffles, and accesses to parts of them.
(module
  (memory (export "memory") 2)
  (func (export "kernel") (param $id i32) (param $threads i32) (param $block i32) (local $at i32) (local $v v128)
    (local.set $at (i32.mul (local.get $id) (i32.const 32)))
    (local.set $v (v128.and (i32x4.splat (local.get $id)) (v128.const i32x4 1 2 3 -1)))
    (v128.store (local.get $at) (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $v) (v128.not (local.get $v))))
    (v128.store32_lane offset=16 2 (local.get $at) (v128.load16x4_s (local.get $at)))
    (i32.store offset=20 (local.get $at) (i16x8.extract_lane_s 3 (v128.load8_splat offset=4 (local.get $at))))
    (f64.store offset=24 (local.get $at) (f64x2.extract_lane 1 (f64x2.convert_low_i32x4_s (local.get $v))))))
