typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* double */
static uint function_0(machine *m, uint i0)
{
    uint i2 = 0;
    i2 = i0 << 1;
    return i2;
}

/* square */
static uint function_1(machine *m, uint i0)
{
    uint i2 = 0;
    i2 = i0 * i0;
    return i2;
}

/* both */
static void function_2(machine *m, uint i0, uint *r0, ulong *r1)
{
    uint i5 = 0;
    uint i6 = 0;
    uint i7 = 0;
    ulong l8 = 0;
    i5 = function_0(m, i0);
    i6 = function_1(m, i0);
    i7 = i5;
    l8 = (ulong)i6;
    *r0 = i7;
    *r1 = l8;
    return;
}

/* function 3 */
static void function_3(machine *m, uint i0, uint i1, uint i2)
{
    uint i10 = 0;
    uint i11 = 0;
    ulong l12 = 0;
    ulong l13 = 0;
    uint i14 = 0;
    uint i15 = 0;
    uint i16 = 0;
    i10 = i0 * 16u;
    function_2(m, i0, &i11, &l12);
    l13 = l12;
    i14 = i11;
    i32_store(m, i10, 12ul, i14, 0u);
    i64_store(m, i10, 0ul, l13, 1u);
    i15 = i10;
    switch (i32_rem_u(m, i0, 3u, 2u)) {
    case 0u: i16 = function_0(m, i0); break;
    case 1u: i16 = function_1(m, i0); break;
    case 2u: i16 = function_0(m, i0); break;
    default: trap(m, 6u, 3u);
        return;
    }
    i32_store(m, i15, 8ul, i16, 4u);
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
