;; A teams region's function that does more than to fork: what it calls might be anything.
(module
  (import "env" "__kmpc_fork_call" (func $__kmpc_fork_call (param i32 i32 i32 i32)))
  (memory 1)
  (table 2 funcref)
  (elem (i32.const 1) $microtask)
  (func $microtask (param i32 i32))
  (func $other)
  (func (export "teams") (param $gtid i32) (param $btid i32)
    (call $other)
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))))
