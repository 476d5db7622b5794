typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
} machine;

/* one */
static uint function_0(machine *m, uint i0)
{
    uint i2 = 0;
    i2 = i0 + 1u;
    return i2;
}

/* two */
static uint function_1(machine *m, uint i0)
{
    uint i2 = 0;
    if (i0 > 1000u) {
        return 1000u;
    }
    i2 = i0 * 2u;
    return i2;
}

/* both */
static void function_2(machine *m, uint i0, uint i1, uint *r0, uint *r1)
{
    uint i4 = 0;
    uint i5 = 0;
    i4 = i1;
    i5 = i0;
    *r0 = i4;
    *r1 = i5;
    return;
}

/* function 3 */
static void function_3(machine *m, uint i0, uint i1, uint i2)
{
    uint i17 = 0;
    uint i18 = 0;
    uint i19 = 0;
    uint i20 = 0;
    uint i21 = 0;
    uint i22 = 0;
    uint i23 = 0;
    uint i24 = 0;
    uint i25 = 0;
    uint i26 = 0;
    uint i27 = 0;
    uint i28 = 0;
    uint i29 = 0;
    uint i30 = 0;
    uint i31 = 0;
    i17 = i0 & 3u;
    switch (i17) {
    case 0u:
        goto label4;
    case 1u:
        goto label3;
    default:
        goto label2;
    }
label4:;
    i18 = 11u;
    goto label1;
label3:;
    switch (i32_rem_u(m, i0, 2u, 0u)) {
    case 0u: i19 = function_0(m, i0); break;
    case 1u: i19 = function_1(m, i0); break;
    case 2u: i19 = function_0(m, i0); break;
    default: trap(m, 6u, 1u);
        return;
    }
    i18 = i19;
    goto label1;
label2:;
    function_2(m, 1u, i0, &i20, &i21);
    i18 = i20;
label1:;
    i22 = i18;
    i23 = i0;
    i24 = 1u;
    i25 = i23;
label5:;
    for (;;) {
        if (m->trapped)
            return;
        i22 = i22 + 1u;
        function_2(m, i24, i25, &i26, &i27);
        i28 = (uint)(i22 < 40u);
        i29 = i27 + 1u;
        if (i28 != 0) {
            i24 = i26;
            i25 = i29;
            continue;
        }
        i30 = i26 + i29;
        break;
    }
    i31 = i30;
    i32_store(m, i0 << 2, 0ul, i31, 2u);
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
