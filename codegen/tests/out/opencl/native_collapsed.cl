typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2, uint i3, uint i4, uint i5)
{
    uint i6 = 0;
    ulong l9 = 0;
    uint i13 = 0;
    uint i14 = 0;
    ulong l15 = 0;
    ulong l16 = 0;
    ulong l17 = 0;
    ulong l18 = 0;
    uint i19 = 0;
    uint i20 = 0;
    do {
        i13 = i32_div_s(m, i6, i2, 0u);
        i14 = i6 - (i13 * i2);
        f64_store(m, i3 + ((i13 << 10) + (i14 << 3)), 0ul, f64_load(m, i4 + (i14 << 3), 0ul, 1u), 2u);
        i6 = i6 + 1u;
    } while (i6 != i5);
    l15 = (ulong)(long)(int)i2;
    do {
        l16 = i64_div_s(m, l9, l15 * l15, 3u);
        l17 = l9 - (l16 * (l15 * l15));
        l18 = i64_div_s(m, l17, l15, 4u);
        i32_store(m, i3 + (uint)((l18 << 7) + ((l17 - (l18 * l15)) << 2)), 0ul, (uint)l17, 5u);
        l9 = l9 + 1ul;
    } while ((l9 != (ulong)i5) && !m->trapped);
    i19 = 0u;
    do {
        i32_store8(m, i3 + i32_rem_u(m, i19, i2, 6u), 0ul, 1u, 7u);
        i19 = i19 + 1u;
    } while (i19 != i5);
    i20 = 0u;
    do {
        i32_store8(m, i3 + i32_div_u(m, i20, 3u, 8u), 0ul, 1u, 9u);
        i20 = i20 + 1u;
    } while (i20 != i5);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size, uint p0, uint p1, uint p2)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    if (get_global_id(0) >= count)
        return;
    function_0(&state, first + (uint)get_global_id(0), num_threads, block_size, p0, p1, p2);
    record(&state, traps);
}
