;; the module has no exported global `__tls_base`: link it with --shared-memory --export=__tls_base
