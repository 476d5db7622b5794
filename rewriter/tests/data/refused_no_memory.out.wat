;; the module has no memory: link it with --import-memory
