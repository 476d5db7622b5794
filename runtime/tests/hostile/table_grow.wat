;; Grows a table as far as it goes.
;; INVOKE: go
;; OUTCOME: exited: 7
(module (memory (export "memory") 1) (table (export "t") 1 funcref)
  (func (export "go") (result i32)
    (if (i32.ne (table.grow (ref.null func) (i32.const 1000000000)) (i32.const -1)) (then (unreachable)))
    (loop $more (br_if $more (i32.ne (table.grow (ref.null func) (i32.const 10000)) (i32.const -1))))
    (i32.const 7)))
