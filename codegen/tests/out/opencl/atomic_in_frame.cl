typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    uchar *frames;
} machine;

/* count */
static void function_0(machine *m, uint i0)
{
    uint i2 = 0;
    uint i3 = 0;
    uint i4 = 0;
    i3 = i0;
    i4 = private_i32_load(m, i3, 0ul, 0u);
    private_i32_store(m, i3, 0ul, i4 + 1u, 0u);
    i2 = i4;
}

/* function 1 */
static void function_1(machine *m, uint i0, uint i1, uint i2)
{
    function_0(m, (uint)-65424);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    uint4 frames[FRAMES / 16ul];
    for (uint i = 0u; i < FRAMES / 16ul; i++)
        frames[i] = (uint4)(0u);
    state.frames = (uchar *)frames;
    if (get_global_id(0) >= count)
        return;
    function_1(&state, first + (uint)get_global_id(0), num_threads, block_size);
    record(&state, traps);
}
