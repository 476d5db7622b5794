typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2)
{
    i32_store(m, 64u, 0ul, i32_div_s(m, 7u, i0 & 0u, 0u) + i32_load(m, (i0 + 1u) << 24, 0ul, 1u), 2u);
    i32_store(m, 0x7fffffu, 0ul, 1u, 3u);
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
    function_0(&state, first + (uint)get_global_id(0), num_threads, block_size);
    record(&state, traps);
}
