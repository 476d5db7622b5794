`__kmpc_barrier`: it needs other threads (function 2)
