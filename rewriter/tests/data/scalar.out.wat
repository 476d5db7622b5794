(module
  (type (;0;) (func))
  (type (;1;) (func (result i32)))
  (type (;2;) (func (param i32) (result i32)))
  (type (;3;) (func (param i32 i32)))
  (type (;4;) (func (param i32 i32 i32 i32)))
  (type (;5;) (func (param i32 i32 i32 i32 i32)))
  (import "env" "memory" (memory (;0;) 2 65536 shared))
  (table (;0;) 3 3 funcref)
  (global $__stack_pointer (;0;) (mut i32) i32.const 65536)
  (global $__tls_base (;1;) (mut i32) i32.const 1024)
  (global $omp2wasi.stack_limit (;2;) (mut i32) i32.const 128)
  (export "memory" (memory 0))
  (export "__stack_pointer" (global $__stack_pointer))
  (export "__tls_base" (global $__tls_base))
  (export "__indirect_function_table" (table 0))
  (export "main" (func $main))
  (export "omp2wasi.kernel.main.omp_outlined" (func $omp2wasi.kernel.main.omp_outlined))
  (elem (;0;) (i32.const 1) func $main.omp_outlined)
  (elem (;1;) (i32.const 2) func $omp2wasi.kernel.main.omp_outlined)
  (func $omp2wasi.kernel.main.omp_outlined (;0;) (type 5) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
    (local $thread i32) (local $argv i32) (local $saved i32) (local $"#local8 saved" (@name "saved") i32) (local $"#local9 saved" (@name "saved") i32)
    local.get $team
    i32.load offset=12
    local.get $thread_id
    i32.const 2
    i32.shl
    i32.add
    i32.load
    local.set $thread
    global.get $__stack_pointer
    local.set $saved
    local.get $thread
    i32.load
    global.set $__stack_pointer
    global.get $omp2wasi.stack_limit
    local.set $"#local8 saved"
    local.get $thread
    i32.load offset=4
    global.set $omp2wasi.stack_limit
    global.get $__tls_base
    local.set $"#local9 saved"
    local.get $thread
    i32.load offset=8
    global.set $__tls_base
    local.get $team
    i32.load
    local.set $argv
    local.get $thread
    i32.const 12
    i32.add
    local.get $thread
    i32.const 16
    i32.add
    call $main.omp_outlined
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $main (;1;) (type 1) (result i32)
    i32.const 0
    i32.const 0
    i32.const 1
    i32.const 0
    call $__kmpc_fork_call
    i32.const 7
  )
  (func $kernel_of (;2;) (type 2) (param i32) (result i32)
    local.get 0
    i32.const 1
    i32.add
  )
  (func $__kmpc_fork_call (;3;) (type 4) (param i32 i32) (param $microtask i32) (param i32)
    local.get $microtask
    call $kernel_of
    drop
  )
  (func $omp2wasi.stack_overflow (;4;) (type 0)
    unreachable
  )
  (func $main.omp_outlined (;5;) (type 3) (param i32 i32))
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after code) "\02\00\00\01!omp2wasi.kernel.main.omp_outlined\02\11main.omp_outlined\01\00\00\01\00")
  (@custom "omp2wasi.scalar" (after code) "\01\02\01\00\1e\01\01\7f#\00A\10k\22\00#\02kA\00H\04@\10\04\00\05\0b \00$\00A\07\0b\00\00\05\01\00\00\00")
)
