it calls the host (`wasi_snapshot_preview1` `sched_yield`) (function 3 > outer > inner > yield)
