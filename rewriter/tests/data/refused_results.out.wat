;; unsupported: a type with 17 results, where 16 are the most
