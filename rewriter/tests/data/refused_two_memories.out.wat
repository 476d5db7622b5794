;; the module has 3 memories; only modules with one are supported
