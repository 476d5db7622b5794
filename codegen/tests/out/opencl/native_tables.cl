typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2, uint i3, uint i4, uint i5, uint i6, uint i7, uint i8, uint i9, uint i10, uint i11, uint i12)
{
    uint i13 = 0;
    uint i17 = 0;
    uint i18 = 0;
    double d19 = 0;
    uint i20 = 0;
    i32_store(m, i3, 0ul, 8192u, 0u);
    i32_store(m, i4, 0ul, 15u, 1u);
    i32_store(m, i5, 0ul, 90u, 2u);
    i32_store(m, i6, 0ul, 3u, 3u);
    do {
        i17 = (i32_load(m, i7, 0ul, 4u) * 5u) + i13;
        i32_store(m, i7, 0ul, i17, 5u);
        i32_store(m, i32_load(m, i3, 0ul, 6u) + ((i17 & i32_load(m, i4, 0ul, 7u)) << 2), 0ul, i17, 8u);
        i13 = i13 + 1u;
    } while (((int)i13 < (int)i32_div_s(m, i32_load(m, i5, 0ul, 9u), i32_load(m, i6, 0ul, 10u), 11u)) && !m->trapped);
    i18 = 0u;
    do {
        i64_store(m, i10, 0ul, 0ul, 12u);
        d19 = 0.0;
        i20 = i18 * i8;
        do {
            d19 = d19 + (double)(int)i32_load(m, i9 + (i20 << 2), 0ul, 13u);
            f64_store(m, i10, 0ul, d19, 14u);
            i20 = i20 + 1u;
        } while ((int)i20 < (int)((i18 + 1u) * i8));
        f64_store(m, i11 + (i18 << 3), 0ul, f64_load(m, i10, 0ul, 15u), 16u);
        i18 = i18 + 1u;
    } while (i18 != 6u);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size, uint p0, uint p1, uint p2, uint p3, uint p4, uint p5, uint p6, uint p7, uint p8, uint p9)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    if (get_global_id(0) >= count)
        return;
    function_0(&state, first + (uint)get_global_id(0), num_threads, block_size, p0, p1, p2, p3, p4, p5, p6, p7, p8, p9);
    record(&state, traps);
}
