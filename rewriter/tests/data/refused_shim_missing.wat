;; Linked with --allow-undefined and without the shim.
(module (import "env" "omp_get_thread_num" (func (result i32))))
