;; the module has no function table: link it with --export-table
