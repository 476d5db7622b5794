typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads, block, end;
} machine;

/* store */
static void function_1(machine *m, uint i0, uint i1)
{
    i32_store(m, i0, 8ul, i1, 10u);
}

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
        ulong chunk = min(m->block, max(trip, 1ul));
        m->threads = trip / chunk + (trip % chunk != 0ul);
        ulong at = m->thread < m->threads ? m->thread * chunk : trip;
        slot3 += (uint)at;
        ulong left = min(chunk, trip - at);
        slot1 = (uint)(trip - at);
        slot2 = slot3 + (uint)(left - 1ul);
        slot0 = (uint)(at + left == trip);
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

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size, uint p0, uint p1, uint p2, uint p3)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.block = block_size;
    p3 *= 4u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_2(&state, p0, p1, p2, p3);
    }
    record(&state, traps);
}
