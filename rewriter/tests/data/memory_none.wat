;; A module without a memory gets the section that says that it has been rewritten, and no more.
(module (func $answer (export "answer") (result i32) (i32.const 42)))
