;; Functions beyond the end of the table: the module traps before it runs.
(module
  (table (export "__indirect_function_table") 2 funcref)
  (elem (i32.const 1) $f $f)
  (func $f))
