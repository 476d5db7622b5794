typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* one */
static uint function_0(machine *m, uint i0)
{
    uint i1;
    i1 = i0 + 1u;
    return i1;
}

/* two */
static uint function_1(machine *m, uint i0)
{
    uint i1;
    if (i0 > 1000u) {
        return 1000u;
    }
    i1 = i0 * 2u;
    return i1;
}

/* both */
static void function_2(machine *m, uint i0, uint i1, uint *r0, uint *r1)
{
    uint i2;
    uint i3;
    i2 = i1;
    i3 = i0;
    *r0 = i2;
    *r1 = i3;
    return;
}

/* function 3 */
static void function_3(machine *m, uint i0, uint i1, uint i2)
{
    uint i3 = 0;
    uint i4;
    uint i5;
    uint i6;
    uint i7;
    uint i8;
    uint i9;
    uint i10;
    uint i11;
    uint i12;
    uint i13;
    uint i14;
    uint i15;
    uint i16;
    i5 = i0 & 3u;
    switch (i5) {
    case 0u:
        goto label4;
    case 1u:
        goto label3;
    default:
        goto label2;
    }
label4:;
    i4 = 11u;
    goto label1;
label3:;
    switch (i32_rem_u(m, i0, 2u, 0u)) {
    case 0u: i6 = function_0(m, i0); break;
    case 1u: i6 = function_1(m, i0); break;
    case 2u: i6 = function_0(m, i0); break;
    default: trap(m, 6u, 1u);
        return;
    }
    i4 = i6;
    goto label1;
label2:;
    function_2(m, 1u, i0, &i7, &i8);
    i4 = i7;
label1:;
    i3 = i4;
    i9 = i0;
    i11 = 1u;
    i12 = i9;
label5:;
    for (;;) {
        if (m->trapped)
            return;
        i3 = i3 + 1u;
        function_2(m, i11, i12, &i13, &i14);
        i15 = (uint)(i3 < 40u);
        i16 = i14 + 1u;
        if (i15 != 0) {
            i11 = i13;
            i12 = i16;
            continue;
        }
        i10 = i13 + i16;
        break;
    }
    i3 = i10;
    i32_store(m, i0 << 2, 0ul, i3, 2u);
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
