;; Names of the module never get into the text as they are: in comments for people they are made harmless.
(module
  (memory (export "memory") 1)
  (func $"*/ __kernel void evil(void) { } /* \\\n#include \22/etc/passwd\22 //?" (param i32) (result i32) (local.get 0))
  (func (export "kernel") (param $"*/" i32) (param i32 i32)
    (i32.store (i32.const 0) (call $"*/ __kernel void evil(void) { } /* \\\n#include \22/etc/passwd\22 //?" (i32.const 5)))))
