typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* double */
static uint function_0(machine *m, uint i0)
{
    uint i1;
    i1 = i0 << 1;
    return i1;
}

/* square */
static uint function_1(machine *m, uint i0)
{
    uint i1;
    i1 = i0 * i0;
    return i1;
}

/* both */
static void function_2(machine *m, uint i0, uint *r0, ulong *r1)
{
    uint i1;
    ulong l2;
    uint i3;
    uint i4;
    i3 = function_0(m, i0);
    i4 = function_1(m, i0);
    i1 = i3;
    l2 = (ulong)i4;
    *r0 = i1;
    *r1 = l2;
    return;
}

/* function 3 */
static void function_3(machine *m, uint i0, uint i1, uint i2)
{
    uint i3 = 0;
    uint i4 = 0;
    ulong l5 = 0;
    uint i6;
    ulong l7;
    uint i8;
    uint i9;
    i3 = i0 * 16u;
    function_2(m, i0, &i6, &l7);
    l5 = l7;
    i4 = i6;
    i32_store(m, i3, 12ul, i4, 0u);
    i64_store(m, i3, 0ul, l5, 1u);
    i8 = i3;
    switch (i32_rem_u(m, i0, 3u, 2u)) {
    case 0u: i9 = function_0(m, i0); break;
    case 1u: i9 = function_1(m, i0); break;
    case 2u: i9 = function_0(m, i0); break;
    default: trap(m, 6u, 3u);
        return;
    }
    i32_store(m, i8, 8ul, i9, 4u);
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
    function_3(&state, first + (uint)get_global_id(0), num_threads, block_size);
    record(&state, traps);
}
