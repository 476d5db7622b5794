typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* __ __kernel void evil(void) _ _ __ ___include __etc_passwd_ ___ */
static uint function_0(machine *m, uint i0)
{
    uint i2 = 0;
    i2 = i0;
    return i2;
}

/* function 1 */
static void function_1(machine *m, uint i0, uint i1, uint i2)
{
    uint i4 = 0;
    i4 = function_0(m, 5u);
    i32_store(m, 0u, 0ul, i4, 0u);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    if (get_global_id(0) >= count)
        return;
    function_1(&state, first + (uint)get_global_id(0), num_threads, block_size);
    record(&state, traps);
}
