typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
    uint row, column;
    ulong index, width;
} machine;

/* function 1 */
static void microtask_1(machine *m, uint i2, uint i3, uint i4, uint i10, uint i11, uint i12)
{
    uint i8 = 0;
    uint i9 = 0;
    uint slot0 = 0; /* stack pointer -16 */
    uint slot1 = 0; /* stack pointer -12 */
    uint slot2 = 0; /* stack pointer -8 */
    uint slot3 = 0; /* stack pointer -4 */
    slot3 = i2;
    slot2 = i3;
    slot1 = 1u;
    slot0 = 0u;
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
    i8 = slot3;
    i9 = slot2;
    if ((int)i8 > (int)i9) {
        goto label1;
    }
    do {
        f64_store(m, i11 + (i8 << 3), 0ul, f64_load(m, i4, 8ul, 8u) * f64_load(m, i10 + (i32_rem_u(m, i8, i12, 11u) << 3), 0ul, 12u), 13u);
        i8 = i8 + 1u;
    } while (((int)i8 <= (int)i9) && !m->trapped);
label1:;
}
#endif


#ifdef OMP2WASI_SPECIAL
__kernel void omp2wasi_tiles(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0, uint p1, uint p2, uint p3, uint p4, uint p5)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    p2 *= 8u;
    p3 *= 8u;
    p4 *= 8u;
    bool differs = ((*(__global uint *)(memory + (p2 + 0u)) ^ p3)
        | (*(__global uint *)(memory + (p2 + 4u)) ^ p4)
        | (*(__global uint *)(memory + (p2 + 16u)) ^ p5)) != 0u;
    state.trapped = differs ? 0x7u : 0u;
    count = differs ? 0u : count;
    num_threads = differs ? 0u : num_threads;
    state.width = num_threads;
    state.column = get_global_id(0);
    state.row = get_global_id(1);
    state.index = (ulong)state.row * num_threads + state.column;
    if (state.column < num_threads && state.row < count)
        tile_1(&state, p0, p1, p2, p3, p4, p5);
    record(&state, traps);
}
#else
__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0, uint p1, uint p2, uint p3, uint p4, uint p5)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    p2 *= 8u;
    p3 *= 8u;
    p4 *= 8u;
    bool differs = ((*(__global uint *)(memory + (p2 + 0u)) ^ p3)
        | (*(__global uint *)(memory + (p2 + 4u)) ^ p4)
        | (*(__global uint *)(memory + (p2 + 16u)) ^ p5)) != 0u;
    state.trapped = differs ? 0x7u : 0u;
    count = differs ? 0u : count;
    num_threads = differs ? 0u : num_threads;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_1(&state, p0, p1, p2, p3, p4, p5);
    }
    record(&state, traps);
}
#endif
