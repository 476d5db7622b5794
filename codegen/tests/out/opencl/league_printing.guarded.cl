typedef struct {
    ulong results[1];
    uint trapped[2], arrived, left;
} team;
#define TEAM_SPACE __local
#define PRINTED 1048576u
typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
    uint item, items, members, team, teams;
    __global uint *printed;
    uint meetings, stopped, awaited;
    TEAM_SPACE team *shared;
    __local uint4 *totals;
} machine;

/* function 8 */
static void league_8(machine *m, uint i2)
{
    begin(m);
    if (m->item == 0u) {
        {
            __global uint *record = printed_record(m, 0u, 0x400u, 0x0u, 0u);
            if (record) {
            }
        }
        {
            __global uint *record = printed_record(m, 1u, 0x0u, 0x0u, 4u);
            if (record) {
                record[4] = 1024u;
            }
        }
    }
    meet(m);
    team_6(m, i2);
    {
        m->members = m->items;
        const ulong first = m->item;
        meet(m);
        if (m->item < m->members)
            member_7(m);
        meet(m);
    }
    if (i2 != 0) {
        meet(m);
        if (m->item == 0u) {
            {
                __global uint *record = printed_record(m, 3u, 0x0u, 0x0u, 16u);
                if (record) {
                    record[4] = 1024u;
                    record[5] = 1024u;
                    record[6] = 7u;
                    record[7] = 0u;
                }
            }
        }
        meet(m);
        trap(m, 1u, 0u);
        return;
        trap(m, 1u, 1u);
        return;
    }
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, __global uint *printed, uint p0)
{
    __local team shared;
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    if (get_group_id(0) >= count)
        return;
    state.team = get_group_id(0);
    state.teams = count;
    state.item = get_local_id(0);
    state.items = get_local_size(0);
    state.meetings = state.stopped = 0u;
    state.shared = &shared;
    state.totals = 0;
    if (state.item == 0u)
        shared.trapped[0] = shared.trapped[1] = 0u;
    barrier(CLK_LOCAL_MEM_FENCE);
    state.printed = printed;
    league_8(&state, p0);
    record(&state, traps);
}
