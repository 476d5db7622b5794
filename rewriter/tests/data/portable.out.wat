(module
  (type (;0;) (func))
  (type (;1;) (func (result i32)))
  (type (;2;) (func (param i32)))
  (type (;3;) (func (param i32 i32)))
  (type (;4;) (func (param i32 i32) (result i32)))
  (type (;5;) (func (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (;0;) (type 1)))
  (import "env" "memory" (memory (;0;) 1 65536 shared))
  (export "memory" (memory 0))
  (export "everything" (func 1))
  (func (;1;) (type 1) (result i32)
    i32.const 8
    i32.const 0
    call $wait
    i32.const 8
    i32.const -1
    call $wake
    call $yield
    i32.const 3
    call $bind
    call $sched_yield
    call $num_procs
    call $max_concurrency
    i32.add
    call $num_places
    call $place_num
    i32.const 0
    i32.const 1
    call $team_place
    i32.add
    i32.const 0
    i32.const 16
    i32.const 4
    call $place_procs
    i32.add
    i32.add
    i32.add
    i32.add
  )
  (func $wait (;2;) (type 3) (param i32 i32)
    local.get 0
    i32.const 1
    i32.atomic.rmw.add offset=4
    drop
    local.get 0
    local.get 1
    i64.const -1
    memory.atomic.wait32
    drop
    local.get 0
    i32.const 1
    i32.atomic.rmw.sub offset=4
    drop
  )
  (func $wake (;3;) (type 3) (param i32 i32)
    local.get 0
    local.get 1
    memory.atomic.notify
    drop
  )
  (func $num_procs (;4;) (type 1) (result i32)
    i32.const 4
  )
  (func $max_concurrency (;5;) (type 1) (result i32)
    i32.const 2147483647
  )
  (func $num_places (;6;) (type 1) (result i32)
    i32.const 0
  )
  (func $place_num (;7;) (type 1) (result i32)
    i32.const -1
  )
  (func $place_procs (;8;) (type 5) (param i32 i32 i32) (result i32)
    i32.const 0
  )
  (func $team_place (;9;) (type 4) (param i32 i32) (result i32)
    i32.const -1
  )
  (func $yield (;10;) (type 0))
  (func $bind (;11;) (type 2) (param i32))
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after code) "\02\00\00\00")
)
