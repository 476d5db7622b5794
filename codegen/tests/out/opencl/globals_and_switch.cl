typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong g0;
} machine;

/* function 0 */
static void function_0(machine *m, uint i0, uint i1, uint i2)
{
    uint i3 = 0;
    uint i5 = 0;
    m->g0 = 0ul;
label2:;
    for (;;) {
        if (m->trapped)
            return;
        if (i3 >= i0) {
            goto label1;
        }
        i5 = i3 & 3u;
        switch (i5) {
        case 0u:
            goto label5;
        case 1u:
            goto label4;
        default:
            goto label3;
        }
    label5:;
        m->g0 = m->g0 + 1ul;
        goto label3;
    label4:;
        m->g0 = m->g0 - (ulong)(long)(int)i3;
    label3:;
        i3 = i3 + 1u;
        continue;
    }
label1:;
    i64_store(m, i0 << 4, 0ul, m->g0, 0u);
    f32_store(m, i0 << 4, 8ul, 2.5f * (float)i3, 1u);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size, ulong g0)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.g0 = g0;
    if (get_global_id(0) >= count)
        return;
    function_0(&state, first + (uint)get_global_id(0), num_threads, block_size);
    record(&state, traps);
}
