typedef struct {
    uint r0;
    uint has;
} accumulator_8;
typedef struct {
    ulong results[1];
    uint trapped[2], arrived, left;
} team;
#define TEAM_SPACE __local
#define FRAMES 128ul
typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
    accumulator_8 total_8;
    uint item, items, members, team, teams;
    uint meetings, stopped, awaited;
    TEAM_SPACE team *shared;
    __local uint4 *totals;
    uchar *frames;
} machine;

/* combine */
static void combine_8(machine *m, accumulator_8 *into, accumulator_8 *from)
{
    into->r0 = (into->r0 + from->r0);
}

static uint local_id(void)
{
    return get_local_id(1) * get_local_size(0) + get_local_id(0);
}

/* Adds to what this work-item has. */
static void accumulate_8(machine *m, accumulator_8 *part)
{
    if (m->total_8.has)
        combine_8(m, &m->total_8, part);
    else
        m->total_8 = *part;
    m->total_8.has = 1u;
}

/* Gives a work-group's first item what all of them have. */
static void share_8(machine *m, __local accumulator_8 *totals)
{
    uint me = local_id(), left = get_local_size(0) * get_local_size(1);
    totals[me] = m->total_8;
    while (left > 1u) {
        uint middle = (left + 1u) / 2u;
        barrier(CLK_LOCAL_MEM_FENCE);
        if (me < left / 2u && totals[me + middle].has) {
            accumulator_8 part = totals[me + middle];
            accumulate_8(m, &part);
            totals[me] = m->total_8;
        }
        left = middle;
    }
}

/* sum */
static void last_9(machine *m, uint i2, uint i3, uint i4, uint slot5)
{
    uint i8 = 0;
    uint i9 = 0;
    uint i10 = 0;
    uint slot0 = 0; /* stack pointer -24 */
    uint slot1 = 0; /* stack pointer -20 */
    uint slot2 = 0; /* stack pointer -16 */
    uint slot3 = 0; /* stack pointer -12 */
    uint slot4 = 0; /* stack pointer -8 */
    slot1 = 0u;
    slot2 = 63u;
    slot3 = 1u;
    slot4 = 0u;
    slot1 = slot2 + 1u;
    slot3 = 1u;
    slot4 = 0u;
    i9 = slot1;
    i10 = slot2;
    if ((int)i9 > (int)i10) {
        goto label1;
    }
    do {
        i8 = i8 + i32_load(m, i4 + ((i9 + (slot5 << 6)) << 2), 0ul, 58u);
        i9 = i9 + 1u;
    } while (((int)i9 <= (int)i10) && !m->trapped);
label1:;
    slot0 = i8;
    slot0 = m->total_8.r0;
    private_i32_store(m, (uint)-65440, 0ul, private_i32_load(m, (uint)-65440, 0ul, 63u) + slot0, 65u);
}

/* sum */
static void microtask_9(machine *m, uint i2, uint i3, uint i4, uint slot5)
{
    uint i8 = 0;
    uint i9 = 0;
    uint i10 = 0;
    uint slot0 = 0; /* stack pointer -24 */
    uint slot1 = 0; /* stack pointer -20 */
    uint slot2 = 0; /* stack pointer -16 */
    uint slot3 = 0; /* stack pointer -12 */
    uint slot4 = 0; /* stack pointer -8 */
    slot1 = 0u;
    slot2 = 63u;
    slot3 = 1u;
    slot4 = 0u;
    {
        ulong trip = (int)slot2 < (int)slot1 ? 0ul : (ulong)(slot2 - slot1) + 1ul;
        ulong at = m->thread;
        m->threads = trip;
        slot1 += (uint)at;
        slot3 = (uint)(trip - at);
        slot2 = slot1;
        slot4 = (uint)(at + 1ul == trip);
        if (at >= trip)
            return;
    }
    i9 = slot1;
    i10 = slot2;
    if ((int)i9 > (int)i10) {
        goto label1;
    }
    do {
        i8 = i8 + i32_load(m, i4 + ((i9 + (slot5 << 6)) << 2), 0ul, 42u);
        i9 = i9 + 1u;
    } while (((int)i9 <= (int)i10) && !m->trapped);
label1:;
    slot0 = i8;
    {
        accumulator_8 part;
        part.r0 = slot0;
        part.has = 1u;
        accumulate_8(m, &part);
    }
    goto label3;
label3:;
}

/* neighbours */
static void member_10(machine *m, uint i2)
{
    uint i5 = 0;
    uint i6 = 0;
    i5 = m->item;
    i6 = i5;
    i32_store(m, i2 + (i6 << 2), 0ul, i6, 67u);
    meet(m);
    do {
        i32_store(m, i2 + (i6 << 2), 256ul, i32_load(m, i2 + ((i6 ^ 1u) << 2), 0ul, 69u), 70u);
        meet(m);
        i2 = i2 + 512u;
    } while ((i2 < 8192u) && !m->stopped);
}

/* function 11 */
static void league_11(machine *m, uint i2, uint i3, uint i4)
{
    uint i11 = 0;
    uint i12 = 0;
    uint i13 = 0;
    uint i14 = 0;
    uint i15 = 0;
    uint slot0 = 0; /* stack pointer -52 */
    uint slot1 = 0; /* stack pointer -48 */
    uint slot2 = 0; /* stack pointer -44 */
    uint slot3 = 0; /* stack pointer -40 */
    uint slot4 = 0; /* stack pointer -36 */
    begin(m);
    slot0 = 0u;
    slot1 = 9u;
    slot2 = 1u;
    slot3 = 0u;
    {
        ulong trip = (int)slot1 < (int)slot0 ? 0ul : (ulong)(slot1 - slot0) + 1ul;
        ulong chunk = min(max(1ul, trip / m->teams + (trip % m->teams != 0ul)), max(trip, 1ul));
        ulong chunks = trip / chunk + (trip % chunk != 0ul);
        if (m->team < chunks) {
            ulong at = m->team * chunk, left = trip - at;
            slot0 += (uint)at;
            slot1 = slot0 + (uint)(min(chunk, left) - 1ul);
            slot2 = (uint)(m->teams < chunks - m->team ? m->teams * chunk : left);
            slot3 = (uint)((trip - 1ul) / chunk % m->teams == m->team);
        } else {
            slot0 = 1;
            slot1 = 0;
            slot2 = 1;
            slot3 = 0;
        }
    }
    i11 = slot0;
    i12 = slot1;
    if ((int)i11 > (int)i12) {
        goto label1;
    }
    do {
        slot4 = i11;
        private_i32_store(m, (uint)-65472, 32ul, 0u, 25u);
        i13 = i2;
        {
            const uint w0 = (uint)-65444;
            const uint w1 = (uint)-65440;
            const uint w2 = i13;
            m->members = m->items;
            const ulong first = m->item;
            m->total_8.has = 0u;
            meet(m);
            m->threads = ~0ul;
            for (m->thread = first; m->thread < m->threads && !m->trapped; m->thread += m->members) {
                m->threads = 0ul;
                microtask_9(m, w0, w1, w2, slot4);
            }
            meet(m);
            share_8(m, (__local accumulator_8 *)m->totals);
            meet(m);
            m->total_8 = *(__local accumulator_8 *)m->totals;
            if (m->total_8.has)
                last_9(m, w0, w1, w2, slot4);
        }
        meet(m);
        if (m->item == 0u) {
            i14 = i32_atomic_rmw_add(m, i4, 0ul, 1u, 29u);
            i32_store(m, i3 + (i14 << 2), 0ul, private_i32_load(m, (uint)-65472, 32ul, 30u), 31u);
            m->shared->results[0] = i14;
        }
        meet(m);
        i14 = (uint)m->shared->results[0];
        if ((i11 & 1u) != 0) {
            i15 = i3;
            {
                const uint w0 = i15;
                m->members = min(max(64u, 1u), m->items);
                const ulong first = m->item < m->members ? m->item : ~0ul;
                meet(m);
                member_10(m, w0);
                meet(m);
            }
        }
        i11 = i11 + 1u;
    } while (((int)i11 <= (int)i12) && !m->stopped);
label1:;
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, uint p0, uint p1, uint p2)
{
    __local team shared;
    __local uint4 room[256];
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
    state.totals = room;
    if (state.item == 0u)
        shared.trapped[0] = shared.trapped[1] = 0u;
    barrier(CLK_LOCAL_MEM_FENCE);
    league_11(&state, p0, p1, p2);
    record(&state, traps);
}
