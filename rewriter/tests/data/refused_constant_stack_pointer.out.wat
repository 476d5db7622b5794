;; the module has no exported global `__stack_pointer`: link it with --export=__stack_pointer
