typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2, uint i3, uint i4, uint i5)
{
    uint i6 = 0;
    uint i7 = 0;
    uint i8 = 0;
    ulong l9 = 0;
    ulong l10 = 0;
    ulong l11 = 0;
    ulong l12 = 0;
    do {
        i7 = i32_div_s(m, i6, i2, 0u);
        i8 = i6 - (i7 * i2);
        f64_store(m, i3 + ((i7 << 10) + (i8 << 3)), 0ul, f64_load(m, i4 + (i8 << 3), 0ul, 1u), 2u);
        i6 = i6 + 1u;
    } while (i6 != i5);
    l12 = (ulong)(long)(int)i2;
    do {
        l10 = i64_div_s(m, l9, l12 * l12, 3u);
        l11 = l9 - (l10 * (l12 * l12));
        l10 = i64_div_s(m, l11, l12, 4u);
        i32_store(m, i3 + (uint)((l10 << 7) + ((l11 - (l10 * l12)) << 2)), 0ul, (uint)l11, 5u);
        l9 = l9 + 1ul;
    } while ((l9 != (ulong)i5) && !m->trapped);
    i6 = 0u;
    do {
        i32_store8(m, i3 + i32_rem_u(m, i6, i2, 6u), 0ul, 1u, 7u);
        i6 = i6 + 1u;
    } while (i6 != i5);
    i6 = 0u;
    do {
        i32_store8(m, i3 + i32_div_u(m, i6, 3u, 8u), 0ul, 1u, 9u);
        i6 = i6 + 1u;
    } while (i6 != i5);
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
