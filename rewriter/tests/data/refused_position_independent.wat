;; Position-independent code: where its functions are in the table is not known before it is loaded.
(module
  (import "env" "__table_base" (global $base i32))
  (table (export "__indirect_function_table") 4 funcref)
  (elem (global.get $base) $f)
  (func $f))
