;; unsupported: the import `kernel_of` is no function
