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
    ulong l4 = 0;
    uint i5;
    ulong l6;
    uint i7;
    uint i8;
    i3 = i0 * 16u;
    function_2(m, i0, &i5, &l6);
    l4 = l6;
    i32_store(m, i5, 12ul, i3, 0u);
    i64_store(m, i3, 0ul, l4, 1u);
    i7 = i3;
    switch (i32_rem_u(m, i0, 3u, 2u)) {
    case 0u: i8 = function_0(m, i0); break;
    case 1u: i8 = function_1(m, i0); break;
    case 2u: i8 = function_0(m, i0); break;
    default: trap(m, 6u, 3u);
        return;
    }
    i32_store(m, i7, 8ul, i8, 4u);
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
