;; not a valid WebAssembly module: type mismatch: expected i32 but nothing on stack (at byte 24)
