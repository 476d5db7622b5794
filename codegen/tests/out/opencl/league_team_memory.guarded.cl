typedef struct {
    ulong results[1];
    uint trapped[2], arrived, left;
} team;
#define TEAM_SPACE __local
#define FRAMES 64ul
#define TEAM_FRAMES 192ul
typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
    uint item, items, members, team, teams;
    uint meetings, stopped, awaited;
    TEAM_SPACE team *shared;
    __local uint4 *totals;
    uchar *frames;
    __local uchar *team_frames;
} machine;

/* __omp_offloading_1_2_main_l3 */
static void league_4(machine *m, uint i0)
{
    uint i3 = 0;
    begin(m);
    if (m->item == 0u) {
        team_i32_store(m, 0xfffe0020u, 140ul, 0u, 9u);
        team_i32_store(m, 0xfffe0020u, 0ul, 0xfffe00acu, 10u);
        team_i32_store(m, 0xfffe0020u, 4ul, 0xfffe002cu, 11u);
    }
    meet(m);
    i3 = i0;
    if (m->item == 0u) {
        team_i32_store(m, 0xfffe0020u, 8ul, i3, 12u);
    }
    meet(m);
    {
        const uint w0 = 0xfffe00acu;
        const uint w1 = 0xfffe002cu;
        const uint w2 = i3;
        m->members = m->items;
        const ulong first = m->item;
        member_3(m, w0, w1, w2);
        meet(m);
    }
    if (team_i32_load(m, 0xfffe0020u, 140ul, 13u) > 1u) {
        meet(m);
        if (m->item == 0u) {
            i32_store(m, i0, 1024ul, team_i32_load(m, 0xfffe0020u, 16ul, 14u), 15u);
        }
        meet(m);
    }
    meet(m);
    if (m->item == 0u) {
        i32_store(m, i0, 1028ul, team_i32_load(m, 0xfffe0020u, 140ul, 16u), 17u);
    }
    meet(m);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0)
{
    __local team shared;
    __local uint4 team_frames[TEAM_FRAMES / 16ul];
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
    state.item = get_local_id(0);
    state.items = get_local_size(0);
    ((uint *)frames)[1] = ((uint *)frames)[3] = get_local_id(0);
    state.meetings = state.stopped = 0u;
    state.shared = &shared;
    for (uint i = state.item; i < TEAM_FRAMES / 16ul; i += state.items)
        team_frames[i] = (uint4)(0u);
    state.team_frames = (__local uchar *)team_frames;
    state.totals = 0;
    if (state.item == 0u)
        shared.trapped[0] = shared.trapped[1] = 0u;
    barrier(CLK_LOCAL_MEM_FENCE);
    p0 *= 4u;
    league_4(&state, p0);
    record(&state, traps);
}
