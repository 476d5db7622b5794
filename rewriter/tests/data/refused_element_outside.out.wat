;; unsupported: an element segment outside of its table
