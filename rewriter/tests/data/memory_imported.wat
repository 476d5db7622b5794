;; A memory that is imported already keeps its import; only the exported name and the sharing are added. Without data and without a
;; start function there is nothing to initialize.
(module
  (import "host" "memory" (memory 2))
  (func (export "size") (result i32) (memory.size)))
