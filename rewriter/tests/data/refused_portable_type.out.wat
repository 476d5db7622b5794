;; the rewritten module is not valid, which is a defect of omp2wasi: type mismatch: values remaining on stack at end of block (at offset 0x3a)
