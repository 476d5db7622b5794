typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads, block, end;
    uint item, items, members, team, teams;
    __global uint *printed;
} machine;

/* function 8 */
static void league_8(machine *m, uint i2)
{
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
    team_6(m, i2);
    {
        m->members = m->items;
        const ulong first = m->item;
        if (m->item < m->members)
            member_7(m);
    }
    if (i2 != 0) {
        {
            __global uint *record = printed_record(m, 3u, 0x0u, 0x0u, 16u);
            if (record) {
                record[4] = 1024u;
                record[5] = 1024u;
                record[6] = 7u;
                record[7] = 0u;
            }
        }
        trap(m, 1u, 0u);
        return;
        trap(m, 1u, 1u);
        return;
    }
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, __global uint *printed, uint p0)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    if (get_group_id(0) >= count)
        return;
    state.team = get_group_id(0);
    state.teams = count;
    state.item = 0u;
    state.items = 1u;
    state.block = 1ul << 62;
    state.printed = printed;
    league_8(&state, p0);
    record(&state, traps);
}
