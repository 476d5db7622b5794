typedef struct {
    ulong r0;
    uint has;
} accumulator_4;
typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
    uint row, column;
    ulong index, width;
    accumulator_4 total_4;
} machine;

/* combine */
static void combine_4(machine *m, accumulator_4 *into, accumulator_4 *from)
{
    into->r0 = as_ulong((as_double(into->r0) + as_double(from->r0)));
}

static uint local_id(void)
{
    return get_local_id(1) * get_local_size(0) + get_local_id(0);
}

/* Adds to what this work-item has. */
static void accumulate_4(machine *m, accumulator_4 *part)
{
    if (m->total_4.has)
        combine_4(m, &m->total_4, part);
    else
        m->total_4 = *part;
    m->total_4.has = 1u;
}

/* Gives a work-group's first item what all of them have. */
static void share_4(machine *m, __local accumulator_4 *totals)
{
    uint me = local_id(), left = get_local_size(0) * get_local_size(1);
    totals[me] = m->total_4;
    while (left > 1u) {
        uint middle = (left + 1u) / 2u;
        barrier(CLK_LOCAL_MEM_FENCE);
        if (me < left / 2u && totals[me + middle].has) {
            accumulator_4 part = totals[me + middle];
            accumulate_4(m, &part);
            totals[me] = m->total_4;
        }
        left = middle;
    }
}

/* function 5 */
static void last_5(machine *m, uint i2, uint i3, uint i4, uint i5, uint i6)
{
    double d12 = 0;
    ulong l13 = 0;
    ulong l14 = 0;
    ulong l15 = 0;
    ulong l16 = 0;
    ulong slot0 = 0; /* stack pointer -40 */
    uint slot1 = 0; /* stack pointer -28 */
    ulong slot2 = 0; /* stack pointer -24 */
    ulong slot3 = 0; /* stack pointer -16 */
    ulong slot4 = 0; /* stack pointer -8 */
    slot4 = (ulong)i2;
    slot3 = (ulong)i3;
    slot2 = 1ul;
    slot1 = 0u;
    slot4 = slot3 + 1u;
    slot2 = 1u;
    slot1 = 0u;
    l13 = slot4;
    l14 = slot3;
    l15 = (ulong)(long)(int)i4;
    if ((long)l13 > (long)l14) {
        goto label1;
    }
    do {
        l16 = i64_div_s(m, l13, l15, 23u);
        d12 = d12 + ((double)(long)(l13 - (l16 * l15)) * f64_load(m, i5 + ((uint)l13 << 3), 0ul, 24u));
        l13 = l13 + 1ul;
    } while (((long)l13 <= (long)l14) && !m->trapped);
label1:;
    slot0 = as_ulong(d12);
    slot0 = m->total_4.r0;
    f64_store(m, i6, 0ul, f64_load(m, i6, 0ul, 29u) + as_double(slot0), 31u);
}

#ifdef OMP2WASI_SPECIAL
/* function 5 */
static void tile_5(machine *m, uint i2, uint i3, uint i4, uint i5, uint i6)
{
    double d12 = 0;
    ulong l13 = 0;
    ulong l14 = 0;
    ulong l15 = 0;
    ulong l16 = 0;
    ulong slot0 = 0; /* stack pointer -40 */
    uint slot1 = 0; /* stack pointer -28 */
    ulong slot2 = 0; /* stack pointer -24 */
    ulong slot3 = 0; /* stack pointer -16 */
    ulong slot4 = 0; /* stack pointer -8 */
    slot4 = (ulong)i2;
    slot3 = (ulong)i3;
    slot2 = 1ul;
    slot1 = 0u;
    {
        ulong trip = (long)slot3 < (long)slot4 ? 0ul : (ulong)(slot3 - slot4) + 1ul;
        ulong at = m->index;
        slot4 = (ulong)at;
        slot2 = (ulong)(trip - at);
        slot3 = slot4;
        slot1 = (uint)(at + 1ul == trip);
    }
    l13 = slot4;
    l14 = slot3;
    l15 = (ulong)(long)(int)i4;
    if ((long)l13 > (long)l14) {
        goto label1;
    }
    do {
        l16 = tiled_i64_div_s(m, l13, l15, 7u);
        d12 = d12 + ((double)(long)(l13 - (l16 * l15)) * f64_load(m, i5 + ((uint)l13 << 3), 0ul, 8u));
        l13 = l13 + 1ul;
    } while (((long)l13 <= (long)l14) && !m->trapped);
label1:;
    slot0 = as_ulong(d12);
    {
        accumulator_4 part;
        part.r0 = slot0;
        part.has = 1u;
        accumulate_4(m, &part);
    }
    goto label3;
label3:;
}
#else
/* function 5 */
static void microtask_5(machine *m, uint i2, uint i3, uint i4, uint i5, uint i6)
{
    double d12 = 0;
    ulong l13 = 0;
    ulong l14 = 0;
    ulong l15 = 0;
    ulong l16 = 0;
    ulong slot0 = 0; /* stack pointer -40 */
    uint slot1 = 0; /* stack pointer -28 */
    ulong slot2 = 0; /* stack pointer -24 */
    ulong slot3 = 0; /* stack pointer -16 */
    ulong slot4 = 0; /* stack pointer -8 */
    slot4 = (ulong)i2;
    slot3 = (ulong)i3;
    slot2 = 1ul;
    slot1 = 0u;
    {
        ulong trip = (long)slot3 < (long)slot4 ? 0ul : (ulong)(slot3 - slot4) + 1ul;
        ulong at = m->thread;
        m->threads = trip;
        slot4 += (ulong)at;
        slot2 = (ulong)(trip - at);
        slot3 = slot4;
        slot1 = (uint)(at + 1ul == trip);
        if (at >= trip)
            return;
    }
    l13 = slot4;
    l14 = slot3;
    l15 = (ulong)(long)(int)i4;
    if ((long)l13 > (long)l14) {
        goto label1;
    }
    do {
        l16 = i64_div_s(m, l13, l15, 7u);
        d12 = d12 + ((double)(long)(l13 - (l16 * l15)) * f64_load(m, i5 + ((uint)l13 << 3), 0ul, 8u));
        l13 = l13 + 1ul;
    } while (((long)l13 <= (long)l14) && !m->trapped);
label1:;
    slot0 = as_ulong(d12);
    {
        accumulator_4 part;
        part.r0 = slot0;
        part.has = 1u;
        accumulate_4(m, &part);
    }
    goto label3;
label3:;
}
#endif


#ifdef OMP2WASI_SPECIAL
__kernel void omp2wasi_tiles(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, __global uchar *partials, uint p0, uint p1, uint p2, uint p3, uint p4)
{
    __local accumulator_4 totals[256];
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    p3 *= 8u;
    state.total_4.has = 0u;
    state.width = num_threads;
    state.column = get_global_id(0);
    uint rows = state.column < num_threads ? count : 0u;
    for (state.row = get_global_id(1); state.row < rows && !state.trapped; state.row += get_global_size(1)) {
        state.index = (ulong)state.row * num_threads + state.column;
        tile_5(&state, p0, p1, p2, p3, p4);
    }
    share_4(&state, totals);
    if (local_id() == 0u)
        ((__global accumulator_4 *)partials)[get_group_id(1) * get_num_groups(0) + get_group_id(0)] = state.total_4;
    record(&state, traps);
}
#else
__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, __global uchar *partials, uint p0, uint p1, uint p2, uint p3, uint p4)
{
    __local accumulator_4 totals[256];
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    p3 *= 8u;
    state.total_4.has = 0u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_5(&state, p0, p1, p2, p3, p4);
    }
    share_4(&state, totals);
    if (local_id() == 0u)
        ((__global accumulator_4 *)partials)[get_group_id(1) * get_num_groups(0) + get_group_id(0)] = state.total_4;
    record(&state, traps);
}
#endif

__kernel void omp2wasi_reduce(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, __global uchar *partials, uint p0, uint p1, uint p2, uint p3, uint p4)
{
    __local accumulator_4 totals[256];
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    p3 *= 8u;
    state.total_4.has = 0u;
    for (uint group = local_id(); group < count; group += get_local_size(0)) {
        accumulator_4 part = ((__global accumulator_4 *)partials)[group];
        if (part.has)
            accumulate_4(&state, &part);
    }
    share_4(&state, totals);
    if (local_id() == 0u && state.total_4.has)
        last_5(&state, p0, p1, p2, p3, p4);
    record(&state, traps);
}
