typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2)
{
    uint i7 = 0;
    uint i8 = 0;
    uint i9 = 0;
    uint slot0 = 0; /* stack pointer -32 */
    uint slot1 = 0; /* stack pointer -16 */
    slot1 = 1u;
    slot0 = 2u;
    i32_store(m, i0 * 8u, 0ul, slot1, 3u);
    i7 = i0 * 8u;
    i8 = i0;
    i9 = 7u;
    if (i1 != 0) {
        goto label1;
    }
label1:;
    i32_store(m, i7, 4ul, i8, 4u);
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
