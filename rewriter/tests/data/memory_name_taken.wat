;; Another export is called `memory` already.
(module
  (memory 1)
  (func $memory (export "memory") (result i32) (memory.size)))
