typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
} machine;

/* store */
static void function_1(machine *m, uint i0, uint i1)
{
    i32_store(m, i0, 8ul, i1, 10u);
}

#ifdef OMP2WASI_SPECIAL
/* function 2 */
static void sure_2(machine *m, uint i2, uint i3, uint i4, uint i5)
{
    uint i10 = 0;
    uint i11 = 0;
    uint i12 = 0;
    uint slot0 = 0; /* stack pointer -16 */
    uint slot1 = 0; /* stack pointer -12 */
    uint slot2 = 0; /* stack pointer -8 */
    uint slot3 = 0; /* stack pointer -4 */
    slot3 = 0u;
    slot2 = i2;
    {
        ulong trip = (int)slot2 < (int)slot3 ? 0ul : (ulong)(slot2 - slot3) + 1ul;
        ulong at = m->thread;
        m->threads = trip;
        slot3 += (uint)at;
        slot1 = (uint)(trip - at);
        slot2 = slot3;
        slot0 = (uint)(at + 1ul == trip);
    }
    i10 = slot3;
    i11 = ((i10 & 1u) != 0) ? i3 : i4;
    do {
        function_1(m, i11 + (i10 << 2), i32_load(m, i5 + (i10 << 2), 0ul, 4u));
        i32_store(m, 0u, 2000ul, 1u, 5u);
        i12 = i32_atomic_rmw_add(m, 3000u, 0ul, i32_load8_u(m, i32_load(m, i5, 0ul, 6u), 0ul, 7u), 8u);
        i10 = i10 + 1u;
    } while (((int)i10 <= (int)slot2) && !m->trapped);
}
#else
/* function 2 */
static void microtask_2(machine *m, uint i2, uint i3, uint i4, uint i5)
{
    uint i10 = 0;
    uint i11 = 0;
    uint i12 = 0;
    uint slot0 = 0; /* stack pointer -16 */
    uint slot1 = 0; /* stack pointer -12 */
    uint slot2 = 0; /* stack pointer -8 */
    uint slot3 = 0; /* stack pointer -4 */
    slot3 = 0u;
    slot2 = i2;
    {
        ulong trip = (int)slot2 < (int)slot3 ? 0ul : (ulong)(slot2 - slot3) + 1ul;
        ulong at = m->thread;
        m->threads = trip;
        slot3 += (uint)at;
        slot1 = (uint)(trip - at);
        slot2 = slot3;
        slot0 = (uint)(at + 1ul == trip);
        if (at >= trip)
            return;
    }
    i10 = slot3;
    i11 = ((i10 & 1u) != 0) ? i3 : i4;
    do {
        function_1(m, i11 + (i10 << 2), i32_load(m, i5 + (i10 << 2), 0ul, 4u));
        i32_store(m, 0u, 2000ul, 1u, 5u);
        i12 = i32_atomic_rmw_add(m, 3000u, 0ul, i32_load8_u(m, i32_load(m, i5, 0ul, 6u), 0ul, 7u), 8u);
        i10 = i10 + 1u;
    } while (((int)i10 <= (int)slot2) && !m->trapped);
}
#endif


#ifdef OMP2WASI_SPECIAL
__kernel void omp2wasi_sure(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0, uint p1, uint p2, uint p3)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    p3 *= 4u;
    state.thread = get_global_id(0);
    if (state.thread < num_threads)
        sure_2(&state, p0, p1, p2, p3);
    record(&state, traps);
}
#else
__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0, uint p1, uint p2, uint p3)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    p3 *= 4u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_2(&state, p0, p1, p2, p3);
    }
    record(&state, traps);
}
#endif
