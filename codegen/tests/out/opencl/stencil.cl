typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2)
{
    uint i3 = 0;
    uint i4 = 0;
    uint i5 = 0;
    i3 = 64u + (i0 * 512u);
    i4 = i3 + 0x10000u;
    i5 = 30u;
    do {
        f64_store(m, i4, 0ul, (double)(int)((i32_load(m, i3, 0ul, 0u) + i32_load(m, i3, 8ul, 1u)) - (i32_load(m, i3, 4ul, 2u) << 1)), 3u);
        i3 = i3 + 4u;
        i4 = i4 + 8u;
        i5 = i5 - 1u;
    } while (i5 != 0);
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
