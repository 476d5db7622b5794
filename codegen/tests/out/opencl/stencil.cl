typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2)
{
    uint i6 = 0;
    uint i7 = 0;
    uint i8 = 0;
    i6 = 64u + (i0 * 512u);
    i7 = i6 + 0x10000u;
    i8 = 30u;
    do {
        f64_store(m, i7, 0ul, (double)(int)((i32_load(m, i6, 0ul, 0u) + i32_load(m, i6, 8ul, 1u)) - (i32_load(m, i6, 4ul, 2u) << 1)), 3u);
        i6 = i6 + 4u;
        i7 = i7 + 8u;
        i8 = i8 - 1u;
    } while (i8 != 0);
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
