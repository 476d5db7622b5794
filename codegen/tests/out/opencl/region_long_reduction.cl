typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
    uchar *frames;
} machine;

/* function 6 */
static void microtask_6(machine *m, uint i2, uint i3, uint i4)
{
    uint i10 = 0;
    uint i11 = 0;
    uint i12 = 0;
    uint i13 = 0;
    uint i14 = 0;
    uint slot0 = 0; /* stack pointer -276 */
    uint slot1 = 0; /* stack pointer -272 */
    uint slot2 = 0; /* stack pointer -268 */
    uint slot3 = 0; /* stack pointer -264 */
    if ((int)i2 < (int)1u) {
        goto label1;
    }
    either_memory_fill(m, (uint)-65408, 0u, 256u, 16u);
    slot3 = 0u;
    slot2 = (i2 - 1u);
    slot1 = 1u;
    slot0 = 0u;
    {
        ulong trip = (int)slot2 < (int)slot3 ? 0ul : (ulong)(slot2 - slot3) + 1ul;
        ulong chunk = min(min(1024ul, trip / 4096ul + 1ul), max(trip, 1ul));
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
    i10 = slot2;
    i11 = slot3;
    if ((int)i11 > (int)i10) {
        goto label2;
    }
    do {
        i12 = (uint)-65408 + ((i32_load(m, i3 + (i11 << 2), 0ul, 24u) & 63u) << 2);
        private_i32_store(m, i12, 0ul, private_i32_load(m, i12, 0ul, 25u) + 1u, 26u);
        i11 = i11 + 1u;
    } while (((int)i11 <= (int)i10) && !m->trapped);
label2:;
    private_i32_store(m, (uint)-65440, 8ul, (uint)-65408, 28u);
    i13 = 0u;
    goto label4;
label4:;
    do {
        i14 = i32_atomic_rmw_add(m, i4 + i13, 0ul, private_i32_load(m, (uint)-65440 + i13, 32ul, 30u), 31u);
        i13 = i13 + 4u;
    } while ((i13 != 256u) && !m->trapped);
label1:;
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0, uint p1, uint p2)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    uint4 frames[FRAMES / 16ul];
    for (uint i = 0u; i < FRAMES / 16ul; i++)
        frames[i] = (uint4)(0u);
    state.frames = (uchar *)frames;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_6(&state, p0, p1, p2);
    }
    record(&state, traps);
}
