(module
  (type (;0;) (func))
  (type (;1;) (func (result i32)))
  (type (;2;) (func (param i32)))
  (type (;3;) (func (param i32) (result i32)))
  (type (;4;) (func (param i32 i32)))
  (type (;5;) (func (param i32 i32 i32)))
  (type (;6;) (func (param i32 i32 i32 i32)))
  (type (;7;) (func (param i32 i32 i32 i32 i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (;0;) (type 1)))
  (import "env" "memory" (memory (;0;) 2 65536 shared))
  (table (;0;) 15 15 funcref)
  (global $__stack_pointer (;0;) (mut i32) i32.const 65536)
  (global $__tls_base (;1;) (mut i32) i32.const 1024)
  (global $omp2wasi.stack_limit (;2;) (mut i32) i32.const 128)
  (export "memory" (memory 0))
  (export "__stack_pointer" (global $__stack_pointer))
  (export "__tls_base" (global $__tls_base))
  (export "__indirect_function_table" (table 0))
  (export "main" (func $main))
  (export "omp2wasi.kernel.fine.omp_outlined" (func $omp2wasi.kernel.fine.omp_outlined))
  (export "omp2wasi.kernel.host.omp_outlined" (func $omp2wasi.kernel.host.omp_outlined))
  (export "omp2wasi.kernel.recursive.omp_outlined" (func $omp2wasi.kernel.recursive.omp_outlined))
  (export "omp2wasi.kernel.pointer.omp_outlined" (func $omp2wasi.kernel.pointer.omp_outlined))
  (export "omp2wasi.kernel.grows.omp_outlined" (func $omp2wasi.kernel.grows.omp_outlined))
  (export "omp2wasi.kernel.waits.omp_outlined" (func $omp2wasi.kernel.waits.omp_outlined))
  (export "omp2wasi.kernel.nested.omp_outlined" (func $omp2wasi.kernel.nested.omp_outlined))
  (elem (;0;) (i32.const 1) func $fine.omp_outlined $host.omp_outlined $recursive.omp_outlined $pointer.omp_outlined $grows.omp_outlined $waits.omp_outlined $nested.omp_outlined)
  (elem (;1;) (i32.const 8) func $omp2wasi.kernel.fine.omp_outlined $omp2wasi.kernel.host.omp_outlined $omp2wasi.kernel.recursive.omp_outlined $omp2wasi.kernel.pointer.omp_outlined $omp2wasi.kernel.grows.omp_outlined $omp2wasi.kernel.waits.omp_outlined $omp2wasi.kernel.nested.omp_outlined)
  (func $omp2wasi.kernel.fine.omp_outlined (;1;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $fine.omp_outlined
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.host.omp_outlined (;2;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $host.omp_outlined
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.recursive.omp_outlined (;3;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $recursive.omp_outlined
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.pointer.omp_outlined (;4;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $pointer.omp_outlined
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.grows.omp_outlined (;5;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $grows.omp_outlined
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.waits.omp_outlined (;6;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $waits.omp_outlined
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.nested.omp_outlined (;7;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $nested.omp_outlined
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $main (;8;) (type 0)
    i32.const 0
    i32.const 0
    i32.const 1
    i32.const 0
    call $__kmpc_fork_call
    i32.const 0
    i32.const 0
    i32.const 2
    i32.const 0
    call $__kmpc_fork_call
    i32.const 0
    i32.const 0
    i32.const 3
    i32.const 0
    call $__kmpc_fork_call
    i32.const 0
    i32.const 0
    i32.const 4
    i32.const 0
    call $__kmpc_fork_call
    i32.const 0
    i32.const 0
    i32.const 5
    i32.const 0
    call $__kmpc_fork_call
    i32.const 0
    i32.const 0
    i32.const 6
    i32.const 0
    call $__kmpc_fork_call
    i32.const 0
    i32.const 0
    i32.const 7
    i32.const 0
    call $__kmpc_fork_call
  )
  (func $fine.omp_outlined (;9;) (type 4) (param i32 i32)
    call $omp_get_thread_num
    call $__kmpc_for_static_init_4
    i32.const 0
    i32.const 1
    i32.atomic.rmw.add
    drop
  )
  (func $waits.omp_outlined (;10;) (type 4) (param $gtid i32) (param i32)
    local.get $gtid
    if ;; label = @1
      i32.const 0
      i32.const 0
      i32.const 0
      call $__kmpc_critical
    else
    end
  )
  (func $nested.omp_outlined (;11;) (type 4) (param i32 i32)
    i32.const 0
    i32.const 0
    i32.const 1
    i32.const 0
    call $__kmpc_fork_call
  )
  (func $pointer.omp_outlined (;12;) (type 4) (param i32 i32)
    i32.const 0
    i32.const 0
    i32.const 1
    call_indirect (type 4)
  )
  (func $kernel_of (;13;) (type 3) (param i32) (result i32)
    local.get 0
    i32.const 7
    i32.add
  )
  (func $__kmpc_fork_call (;14;) (type 6) (param i32 i32) (param $microtask i32) (param i32)
    local.get $microtask
    call $kernel_of
    drop
  )
  (func $recursive.omp_outlined (;15;) (type 4) (param i32 i32)
    i32.const 30
    call $fibonacci
    drop
  )
  (func $grows.omp_outlined (;16;) (type 4) (param i32 i32)
    i32.const 1
    memory.grow
    drop
  )
  (func $print (;17;) (type 0)
    call $sched_yield
    drop
  )
  (func $fibonacci (;18;) (type 3) (param $n i32) (result i32)
    local.get $n
    call $fibonacci
  )
  (func $omp_get_thread_num (;19;) (type 1) (result i32)
    i32.const 0
  )
  (func $helper (;20;) (type 0)
    call $print
  )
  (func $host.omp_outlined (;21;) (type 4) (param i32 i32)
    call $helper
  )
  (func $omp2wasi.stack_overflow (;22;) (type 0)
    unreachable
  )
  (func $__kmpc_for_static_init_4 (;23;) (type 2) (param i32))
  (func $__kmpc_critical (;24;) (type 5) (param i32 i32 i32))
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after code) "\02\00\00\07!omp2wasi.kernel.fine.omp_outlined\08\11fine.omp_outlined\01\00\00\01\02\06atomic\03for!omp2wasi.kernel.host.omp_outlined\09\11host.omp_outlined\02\00\00\01\00&omp2wasi.kernel.recursive.omp_outlined\0a\16recursive.omp_outlined\03\00\00\01\00$omp2wasi.kernel.pointer.omp_outlined\0b\14pointer.omp_outlined\04\00\00\01\00\22omp2wasi.kernel.grows.omp_outlined\0c\12grows.omp_outlined\05\00\00\01\00\22omp2wasi.kernel.waits.omp_outlined\0d\12waits.omp_outlined\06\00\00\01\01\08critical#omp2wasi.kernel.nested.omp_outlined\0e\13nested.omp_outlined\07\00\00\01\01\08parallel")
)
