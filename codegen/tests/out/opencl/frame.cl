typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 1 */
static void function_1(machine *m, uint i0, uint i1, uint i2)
{
    uchar slot0 = 0; /* stack pointer -24 */
    uint slot1 = 0; /* stack pointer -20 */
    ulong slot2 = 0; /* stack pointer -16 */
    slot1 = i0;
    slot2 = as_ulong((double)i0);
    slot0 = (uchar)65409u;
    i32_store(m, i0 * 16u, 0ul, slot1 + (uint)(int)(char)slot0, 5u);
    f64_store(m, i0 * 16u, 8ul, as_double(slot2), 7u);
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
