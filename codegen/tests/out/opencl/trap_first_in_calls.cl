typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* second */
static uint function_0(machine *m, uint i0)
{
    uint i1;
    i1 = i32_load(m, i0, 0ul, 2u);
    return i1;
}

/* first */
static uint function_1(machine *m, uint i0)
{
    uint i1;
    uint i2;
    i2 = function_0(m, 0u);
    i1 = i32_rem_u(m, i2, i0, 1u);
    return i1;
}

/* function 2 */
static void function_2(machine *m, uint i0, uint i1, uint i2)
{
    uint i3;
    uint i4;
    i3 = function_1(m, i0 & 0u);
    i4 = function_0(m, i0 + 0x7fffffffu);
    i32_store(m, 64u, 0ul, i3 + i4, 0u);
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
