;; unsupported: the import `kernel_of` is not of type (i32) -> i32
