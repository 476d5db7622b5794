typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads, block, end;
} machine;

/* function 2 */
static void microtask_2(machine *m, uint i2, uint i3)
{
    ulong l6;
    ulong l7;
    ulong l8;
    uint i9;
    uint i11 = 0;
    ulong l12 = 0;
    ulong slot0 = 0; /* stack pointer -32 */
    ulong slot1 = 0; /* stack pointer -24 */
    ulong slot2 = 0; /* stack pointer -16 */
    uint slot3 = 0; /* stack pointer -4 */
    l6 = 0ul;
    l7 = (ulong)i2;
    l8 = max(1ul, (ulong)4ul);
    i9 = 1u;
label2:;
    for (;;) {
        if (m->trapped)
            return;
        i11 = 0u;
        if (i9 != 0u) {
            ulong trip = l7 < l6 ? 0ul : (ulong)(l7 - l6) + 1ul;
            ulong chunk = min(l8, max(trip, 1ul));
            m->threads = trip / chunk + (trip % chunk != 0ul);
            ulong at = m->thread < m->threads ? m->thread * chunk : trip;
            if (at >= trip)
                return;
            ulong count = min(chunk, trip - at);
            slot2 = l6 + (ulong)at;
            slot1 = slot2 + (ulong)(count - 1ul);
            slot0 = 1u;
            slot3 = (uint)(at + count == trip);
            i9 = 0u;
            i11 = 1u;
        }
        if (i11 == 0) {
            goto label1;
        }
        l12 = slot2;
        if (l12 > slot1) {
            goto label3;
        }
        do {
            i64_store(m, i3 + (uint)(l12 << 3), 0ul, l12, 3u);
            l12 = l12 + 1ul;
        } while ((l12 <= slot1) && !m->trapped);
    label3:;
        continue;
    }
label1:;
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size, uint p0, uint p1)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.block = block_size;
    p1 *= 8u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_2(&state, p0, p1);
    }
    record(&state, traps);
}
