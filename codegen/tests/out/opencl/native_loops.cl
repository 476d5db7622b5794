typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2, uint i3, uint i4, uint i5)
{
    uint i6 = 0;
    double d8 = 0;
    ulong l9 = 0;
    uint i11 = 0;
    uint i12 = 0;
    uint i13 = 0;
    uint i14 = 0;
    do {
        i11 = i6 << 3;
        f64_store(m, i3 + i11, 0ul, f64_load(m, (i4 + i11) - 8u, 0ul, 0u) + f64_load(m, i4 + i11, 8ul, 1u), 2u);
        i6 = i6 + 1u;
    } while (i6 != i5);
    i12 = i3;
    i13 = i5;
    do {
        d8 = d8 + f64_load(m, i12, 0ul, 3u);
        i12 = i12 + i2;
        i13 = i13 - 1u;
    } while (i13 != 0);
    do {
        i14 = i4 + (uint)l9;
        if (i32_load8_u(m, i14, 0ul, 4u) == 0) {
            goto label3;
        }
        if (i32_load8_u(m, i14, 1ul, 5u) != 0) {
            i12 = i14;
        }
        i32_store8(m, i12, 0ul, 7u, 6u);
        f64_store(m, i3, 0ul, d8, 7u);
        l9 = l9 + 2ul;
    } while (((long)l9 < (long)(ulong)i5) && !m->trapped);
label3:;
    do {
        i32_store(m, i3, 0ul, i13, 8u);
        i3 = i3 + 4u;
        i13 = i13 + 1u;
    } while ((i13 < i32_load(m, i4, 0ul, 9u)) && !m->trapped);
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
