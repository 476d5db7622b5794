typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
    uchar *frames;
} machine;

/* clear */
static void function_1(machine *m, uint i0, uint i1)
{
    either_memory_fill(m, i0, 0u, i1, 25u);
}

/* function 2 */
static void microtask_2(machine *m, uint i2, uint i3)
{
    uint i8 = 0;
    uint i9 = 0;
    uint i10 = 0;
    uint slot0 = 0; /* stack pointer -64 */
    uint slot1 = 0; /* stack pointer -60 */
    uint slot2 = 0; /* stack pointer -56 */
    uint slot3 = 0; /* stack pointer -52 */
    private_i64_store(m, (uint)-65472, 0ul, 0ul, 12u);
    private_i32_store(m, (uint)-65472, 8ul, i2 - 1u, 13u);
    private_i32_store(m, (uint)-65472, 12ul, 1u, 14u);
    slot0 = private_i32_load(m, (uint)-65472, 0ul, 24u);
    slot1 = private_i32_load(m, (uint)-65468, 0ul, 24u);
    slot2 = private_i32_load(m, (uint)-65464, 0ul, 24u);
    slot3 = private_i32_load(m, (uint)-65460, 0ul, 24u);
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
    private_i32_store(m, (uint)-65472, 0ul, slot0, 24u);
    private_i32_store(m, (uint)-65468, 0ul, slot1, 24u);
    private_i32_store(m, (uint)-65464, 0ul, slot2, 24u);
    private_i32_store(m, (uint)-65460, 0ul, slot3, 24u);
    i8 = private_i32_load(m, (uint)-65472, 4ul, 16u);
    do {
        function_1(m, (uint)-65456, 48u);
        i9 = 0u;
        do {
            i10 = (uint)-65456 + (i32_rem_u(m, i32_load8_u(m, (i3 + i8) + i9, 0ul, 17u), 12u, 18u) << 2);
            private_i32_store(m, i10, 0ul, private_i32_load(m, i10, 0ul, 19u) + 1u, 20u);
            i9 = i9 + 1u;
        } while (i9 < 9u);
        i32_store(m, i3 + (i8 << 2), 1024ul, private_i32_load(m, (uint)-65472 + ((i8 & 7u) << 2), 16ul, 21u), 22u);
        i8 = i8 + 1u;
    } while (((int)i8 <= (int)private_i32_load(m, (uint)-65472, 8ul, 23u)) && !m->trapped);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0, uint p1)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    uint4 frames[FRAMES / 16ul];
    for (uint i = 0u; i < 4u; i++)
        frames[i] = (uint4)(0u);
    for (uint i = 5u; i < FRAMES / 16ul; i++)
        frames[i] = (uint4)(0u);
    state.frames = (uchar *)frames;
    p1 *= 8u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_2(&state, p0, p1);
    }
    record(&state, traps);
}
