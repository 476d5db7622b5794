;; unsupported: a data segment at Extended([I32Const(8), I32Const(8), I32Add])
