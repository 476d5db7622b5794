typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
} machine;

/* function 2 */
static void microtask_2(machine *m, uint i2, uint i3)
{
    uint i11 = 0;
    uint i12 = 0;
    double d13 = 0;
    double d14 = 0;
    uint i15 = 0;
    double d16 = 0;
    uint slot0 = 0; /* stack pointer -32 */
    uint slot1 = 0; /* stack pointer -28 */
    uint slot2 = 0; /* stack pointer -24 */
    uint slot3 = 0; /* stack pointer -20 */
    slot0 = 0u;
    slot1 = 0u;
    slot2 = (i2 - 1u);
    slot3 = 1u;
    {
        ulong trip = (int)slot2 < (int)slot1 ? 0ul : (ulong)(slot2 - slot1) + 1ul;
        ulong at = m->thread;
        m->threads = trip;
        slot1 += (uint)at;
        slot3 = (uint)(trip - at);
        slot2 = slot1;
        slot0 = (uint)(at + 1ul == trip);
        if (at >= trip)
            return;
    }
    i11 = slot1;
    do {
        i12 = i3 + (i11 << 3);
        d13 = wall_time();
        d14 = d13;
        f64_store(m, i12, 0ul, f64_sqrt(f64_load(m, i12, 0ul, 6u)), 7u);
        i15 = i12;
        d16 = wall_time();
        f64_store(m, i15, 0ul, d16 - d14, 8u);
        i11 = i11 + 1u;
    } while (((int)i11 <= (int)slot2) && !m->trapped);
}
#endif


#ifdef OMP2WASI_SPECIAL
__kernel void omp2wasi_sure(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0, uint p1)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.thread = get_global_id(0);
    if (state.thread < num_threads)
        sure_2(&state, p0, p1);
    record(&state, traps);
}
#else
__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0, uint p1)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_2(&state, p0, p1);
    }
    record(&state, traps);
}
#endif
