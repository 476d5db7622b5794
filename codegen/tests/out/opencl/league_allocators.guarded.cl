typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
    uint item, items, members, team, teams;
    uchar *frames;
} machine;

/* __omp_offloading_1_2_main_l3 */
static void league_4(machine *m, uint i0)
{
    uint i4 = 0;
    uint i5 = 0;
    private_i64_store(m, (uint)-65232, 8ul, 0x4000000002ul, 10u);
    i5 = 64u;
    do {
        private_i32_store(m, (uint)-65408 + i4, 0ul, i4, 11u);
        i4 = i4 + 4u;
    } while ((i4 < 128u) && !m->trapped);
    i32_store(m, i0, 0ul, private_i32_load(m, (uint)-65408 + i32_load(m, i0, 0ul, 12u), 0ul, 13u), 14u);
    do {
        if ((uint)-65424 >= 0xffff0000u) {
            either_memory_fill(m, (uint)-65424, 0u, 16u, 15u);
        } else {
            either_memory_fill(m, (uint)-65424, 0u, 16u, 15u);
        }
        i32_store(m, i0, 4ul, private_i32_load(m, (uint)-65424 + i32_load(m, i0, 0ul, 16u), 0ul, 17u), 18u);
    } while ((i32_load(m, i0, 8ul, 19u) != 0) && !m->trapped);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    uint4 frames[FRAMES / 16ul];
    for (uint i = 0u; i < FRAMES / 16ul; i++)
        frames[i] = (uint4)(0u);
    state.frames = (uchar *)frames;
    if (get_group_id(0) >= count)
        return;
    state.team = get_group_id(0);
    state.teams = count;
    state.item = 0u;
    state.items = 1u;
    p0 *= 8u;
    league_4(&state, p0);
    record(&state, traps);
}
