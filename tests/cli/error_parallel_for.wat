;; What a guest can get wrong with parallel_for: inval 1, bad handle 2, bad kernel 3; and the program goes on.
;; RUN: run %
;; RUN: run --device sequential %
(module
  (import "wasi_ephemeral_parallel" "get_device" (func $get_device (param i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "create_buffer" (func $create_buffer (param i32 i32 i32 i32) (result i32)))
  (import "wasi_ephemeral_parallel" "parallel_for" (func $parallel_for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table (export "table") 5 8 funcref)
  (elem (i32.const 1) $kernel $returns $wide $one_buffer)
  (memory (export "memory") 1 16)
  (func $kernel (param i32 i32 i32) (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
  (func $returns (param i32 i32 i32) (result i32) (unreachable))
  (func $wide (param i32 i32 i64) (unreachable))
  (func $one_buffer (param i32 i32 i32 i32 i32) (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 100))))

  (func $expect (param $wanted i32) (param $errno i32)
    (if (i32.ne (local.get $wanted) (local.get $errno)) (then (unreachable))))
  ;; Without buffers.
  (func $launch (param $kernel i32) (param $num_threads i32) (result i32)
    (call $parallel_for (local.get $kernel) (local.get $num_threads) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))

  (func $kernels
    ;; An empty slot, the end of the table, far behind it.
    (call $expect (i32.const 3) (call $launch (i32.const 0) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const 5) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const -1) (i32.const 4)))
    ;; A result, an i64, a buffer where there is none.
    (call $expect (i32.const 3) (call $launch (i32.const 2) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const 3) (i32.const 4)))
    (call $expect (i32.const 3) (call $launch (i32.const 4) (i32.const 4)))
    ;; Also where no thread would run it.
    (call $expect (i32.const 3) (call $launch (i32.const 0) (i32.const 0))))

  (func $counts
    (call $expect (i32.const 1) (call $launch (i32.const 1) (i32.const -1)))
    (call $expect (i32.const 1) (call $launch (i32.const 1) (i32.const 0x80000000))))

  (func $buffers
    (call $expect (i32.const 0) (call $get_device (i32.const 0) (i32.const 8)))
    (call $expect (i32.const 0) (call $create_buffer (i32.load (i32.const 8)) (i32.const 4) (i32.const 2) (i32.const 12)))
    ;; Lists that are outside of the memory, or end there; negative lengths.
    (call $expect (i32.const 1) (call $parallel_for (i32.const 4) (i32.const 4) (i32.const 1)
      (i32.const 0xfffffffc) (i32.const 1) (i32.const 0) (i32.const 0)))
    (call $expect (i32.const 1) (call $parallel_for (i32.const 4) (i32.const 4) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0x7ffffffd) (i32.const 1)))
    (call $expect (i32.const 1) (call $parallel_for (i32.const 4) (i32.const 4) (i32.const 1)
      (i32.const 65533) (i32.const 1) (i32.const 0) (i32.const 0)))
    (call $expect (i32.const 1) (call $parallel_for (i32.const 4) (i32.const 4) (i32.const 1)
      (i32.const 12) (i32.const 0xffffffff) (i32.const 0) (i32.const 0)))
    (call $expect (i32.const 1) (call $parallel_for (i32.const 4) (i32.const 4) (i32.const 1)
      (i32.const 12) (i32.const 1) (i32.const 12) (i32.const -2)))
    ;; A handle that there is not, behind one that there is (word 16 is 0).
    (call $expect (i32.const 2) (call $parallel_for (i32.const 4) (i32.const 4) (i32.const 1)
      (i32.const 12) (i32.const 2) (i32.const 0) (i32.const 0)))
    (call $expect (i32.const 2) (call $parallel_for (i32.const 4) (i32.const 4) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 16) (i32.const 1)))
    ;; More buffers than the kernel has parameters for.
    (call $expect (i32.const 3) (call $parallel_for (i32.const 4) (i32.const 4) (i32.const 1)
      (i32.const 12) (i32.const 1) (i32.const 12) (i32.const 1))))

  (func (export "_start") (result i32)
    (call $kernels) (call $counts) (call $buffers)
    ;; None of these ran a kernel, and all of it still works.
    (if (i32.load (i32.const 0)) (then (return (i32.const 1))))
    (call $expect (i32.const 0) (call $launch (i32.const 1) (i32.const 4)))
    (call $expect (i32.const 0) (call $parallel_for (i32.const 4) (i32.const 4) (i32.const 1)
      (i32.const 12) (i32.const 1) (i32.const 0) (i32.const 0)))
    (i32.ne (i32.load (i32.const 0)) (i32.const 404))))
