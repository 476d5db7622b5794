(module
  (type (;0;) (func))
  (type (;1;) (func (param i32)))
  (type (;2;) (func (param i32) (result i32)))
  (type (;3;) (func (param i32 i32)))
  (type (;4;) (func (param i32 i32) (result i32)))
  (type (;5;) (func (param i32 i32 i32) (result i32)))
  (type (;6;) (func (param i32 i32 i32 i32)))
  (type (;7;) (func (param i32 i32 i32 i32 i32)))
  (type (;8;) (func (param f32)))
  (import "env" "memory" (memory (;0;) 2 65536 shared))
  (table (;0;) 16 16 funcref)
  (global $__stack_pointer (;0;) (mut i32) i32.const 65536)
  (global $__tls_base (;1;) (mut i32) i32.const 1024)
  (global $omp2wasi.stack_limit (;2;) (mut i32) i32.const 128)
  (export "memory" (memory 0))
  (export "__stack_pointer" (global $__stack_pointer))
  (export "__tls_base" (global $__tls_base))
  (export "__indirect_function_table" (table 0))
  (export "omp2wasi_end_region" (func $omp2wasi_end_region))
  (export "main" (func $main))
  (export "omp2wasi.kernel.generates" (func $omp2wasi.kernel.generates))
  (export "omp2wasi.kernel.calls" (func $omp2wasi.kernel.calls))
  (export "omp2wasi.kernel.calls_indirectly" (func $omp2wasi.kernel.calls_indirectly))
  (export "omp2wasi.kernel.plain" (func $omp2wasi.kernel.plain))
  (export "omp2wasi.kernel.waits" (func $omp2wasi.kernel.waits))
  (export "omp2wasi.kernel.outer" (func $omp2wasi.kernel.outer))
  (export "omp2wasi.kernel" (func $omp2wasi.kernel))
  (elem (;0;) (i32.const 1) func $generates $calls $calls_indirectly $plain $waits $outer $entry $with_task)
  (elem (;1;) (i32.const 9) func $omp2wasi.kernel.generates $omp2wasi.kernel.calls $omp2wasi.kernel.calls_indirectly $omp2wasi.kernel.plain $omp2wasi.kernel.waits $omp2wasi.kernel.outer $omp2wasi.kernel)
  (func $omp2wasi.kernel (;0;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    block ;; label = @1
      local.get $team
      i32.load offset=4
      i32.const 0
      i32.eq
      if ;; label = @2
        local.get $thread
        i32.const 12
        i32.add
        local.get $thread
        i32.const 16
        i32.add
        local.get $team
        i32.load offset=8
        call_indirect (type 3)
        br 1 (;@1;)
      else
      end
      unreachable
    end
    call $omp2wasi_end_region
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.generates (;1;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $generates
    call $omp2wasi_end_region
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.calls (;2;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $calls
    call $omp2wasi_end_region
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.calls_indirectly (;3;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $calls_indirectly
    call $omp2wasi_end_region
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.plain (;4;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $plain
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.waits (;5;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $waits
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $omp2wasi.kernel.outer (;6;) (type 7) (param $thread_id i32) (param i32 i32) (param $team i32) (param i32)
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
    call $outer
    local.get $saved
    global.set $__stack_pointer
    local.get $"#local8 saved"
    global.set $omp2wasi.stack_limit
    local.get $"#local9 saved"
    global.set $__tls_base
  )
  (func $main (;7;) (type 1) (param $microtask i32)
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
    local.get $microtask
    i32.const 0
    call $__kmpc_fork_call
  )
  (func $kernel_of (;8;) (type 2) (param i32) (result i32)
    local.get 0
    i32.const 1
    i32.sub
    local.tee 0
    i32.const 9
    i32.add
    i32.const 15
    local.get 0
    i32.const 6
    i32.lt_u
    select
  )
  (func $with_task (;9;) (type 8) (param f32)
    local.get 0
    f32.const 0x0p+0 (;=0;)
    f32.ne
    if ;; label = @1
      f32.const 0x0p+0 (;=0;)
      call $with_task
    else
    end
    i32.const 0
    i32.const 0
    i32.const 0
    call $__kmpc_omp_task
    drop
  )
  (func $__kmpc_barrier (;10;) (type 3) (param i32 i32)
    i32.const 0
    i32.const 0
    i32.const 7
    call_indirect (type 4)
    drop
  )
  (func $generates (;11;) (type 3) (param i32 i32)
    i32.const 0
    i32.const 0
    i32.const 0
    call $__kmpc_omp_task
    drop
  )
  (func $outer (;12;) (type 3) (param i32 i32)
    i32.const 0
    i32.const 0
    i32.const 1
    i32.const 0
    call $__kmpc_fork_call
  )
  (func $entry (;13;) (type 4) (param i32 i32) (result i32)
    i32.const 0
    i32.const 0
    i32.const 0
    call $__kmpc_omp_task
  )
  (func $__kmpc_fork_call (;14;) (type 6) (param i32 i32) (param $microtask i32) (param i32)
    local.get $microtask
    call $kernel_of
    drop
  )
  (func $calls_indirectly (;15;) (type 3) (param i32 i32)
    f32.const 0x1p+0 (;=1;)
    i32.const 8
    call_indirect (type 8)
  )
  (func $waits (;16;) (type 3) (param i32 i32)
    i32.const 0
    i32.const 0
    call $__kmpc_barrier
  )
  (func $calls (;17;) (type 3) (param i32 i32)
    f32.const 0x1p+0 (;=1;)
    call $with_task
  )
  (func $__kmpc_omp_task (;18;) (type 5) (param i32 i32 i32) (result i32)
    i32.const 0
  )
  (func $omp2wasi.stack_overflow (;19;) (type 0)
    unreachable
  )
  (func $omp2wasi_end_region (;20;) (type 0))
  (func $plain (;21;) (type 3) (param i32 i32))
  (@producers
    (processed-by "walrus" "0.28.0")
  )
  (@custom "omp2wasi" (after code) "\02\00\00\07\19omp2wasi.kernel.generates\09\09generates\01\00\00\01\01\04task\15omp2wasi.kernel.calls\0a\05calls\02\00\00\01\01\04task omp2wasi.kernel.calls_indirectly\0b\10calls_indirectly\03\00\00\01\00\15omp2wasi.kernel.plain\0c\05plain\04\00\00\01\00\15omp2wasi.kernel.waits\0d\05waits\05\00\00\01\01\07barrier\15omp2wasi.kernel.outer\0e\05outer\06\00\00\01\01\08parallel\0fomp2wasi.kernel\0f\14computed at run time\ff\ff\ff\ff\0f\00\00\01\00")
)
