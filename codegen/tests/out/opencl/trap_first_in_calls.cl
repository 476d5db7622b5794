typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* second */
static uint function_0(machine *m, uint i0)
{
    uint i2 = 0;
    i2 = i32_load(m, i0, 0ul, 2u);
    return i2;
}

/* first */
static uint function_1(machine *m, uint i0)
{
    uint i3 = 0;
    uint i4 = 0;
    i3 = function_0(m, 0u);
    i4 = i32_rem_u(m, i3, i0, 1u);
    return i4;
}

/* function 2 */
static void function_2(machine *m, uint i0, uint i1, uint i2)
{
    uint i5 = 0;
    uint i6 = 0;
    i5 = function_1(m, i0 & 0u);
    i6 = function_0(m, i0 + 0x7fffffffu);
    i32_store(m, 64u, 0ul, i5 + i6, 0u);
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
    function_2(&state, first + (uint)get_global_id(0), num_threads, block_size);
    record(&state, traps);
}
