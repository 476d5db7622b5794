;; Places that there are not have no processors; processors that do not fit into the memory are a trap. Threads that no team can have
;; are at no place.
;; ENV: OMP_PLACES=threads(1)
;; RUN: run --invoke none=1 --invoke none=-2 --invoke none=2147483647 %
;; RUN: run --invoke one=1024,1 %
;; EXIT: 1
;; RUN: run --invoke one=65533,0 %
;; EXIT: 1
;; RUN: run --invoke one=1024,-1 %
;; EXIT: 1
;; RUN: run --invoke one=65533,1 %
;; EXIT: 134
;; RUN: run --invoke one=-4,-1 %
;; EXIT: 134
;; RUN: run --invoke where=0,1 --invoke where=3,4 %
;; RUN: run --invoke nowhere=0,0 --invoke nowhere=1,1 --invoke nowhere=-1,-1 %
(module
  (import "omp2wasi" "num_places" (func $num_places (result i32)))
  (import "omp2wasi" "place_num" (func $place_num (result i32)))
  (import "omp2wasi" "place_procs" (func $place_procs (param i32 i32 i32) (result i32)))
  (import "omp2wasi" "bind" (func $bind (param i32)))
  (import "omp2wasi" "team_place" (func $team_place (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $none (export "none") (param $place i32) (result i32)
    (if (i32.ne (call $num_places) (i32.const 1)) (then (unreachable)))
    (call $place_procs (local.get $place) (i32.const 0xffffffff) (i32.const 10)))
  (func $one (export "one") (param $ids i32) (param $capacity i32) (result i32)
    (call $place_procs (i32.const 0) (local.get $ids) (local.get $capacity)))
  (func $place (param $thread i32) (param $threads i32) (result i32)
    (call $bind (i32.const 3))
    (call $team_place (local.get $thread) (local.get $threads)))
  (func (export "where") (param $thread i32) (param $threads i32)
    (if (call $place (local.get $thread) (local.get $threads)) (then (unreachable))))
  (func (export "nowhere") (param $thread i32) (param $threads i32)
    (if (i32.ne (call $place (local.get $thread) (local.get $threads)) (i32.const -1)) (then (unreachable)))))
