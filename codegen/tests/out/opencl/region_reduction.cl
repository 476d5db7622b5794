typedef struct {
    ulong r0;
    uint has;
} accumulator_4;
typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
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
static void last_5(machine *m, uint i2, uint i3, uint i4, uint i5, uint i6, uint i7)
{
    double d11 = 0;
    uint i12 = 0;
    uint i13 = 0;
    uint i14 = 0;
    uint i15 = 0;
    ulong slot0 = 0; /* stack pointer -40 */
    uint slot1 = 0; /* stack pointer -28 */
    uint slot2 = 0; /* stack pointer -24 */
    uint slot3 = 0; /* stack pointer -16 */
    uint slot4 = 0; /* stack pointer -8 */
    if ((int)i4 < (int)1u) {
        goto label1;
    }
    if (i7 == 0) {
        goto label2;
    }
    i4 = i4 << 1;
label2:;
    slot4 = i2;
    slot3 = i3;
    slot2 = 1u;
    slot1 = 0u;
    slot4 = slot3 + 1u;
    slot2 = 1u;
    slot1 = 0u;
    i12 = slot3;
    i13 = i4 - 1u;
    i14 = ((int)i12 > (int)i13) ? i13 : i12;
    slot3 = i14;
    slot3 = i14;
    i15 = slot4;
    if ((int)i15 > (int)i14) {
        goto label3;
    }
    do {
        d11 = d11 + f64_load(m, i5 + (i15 << 3), 0ul, 24u);
        i15 = i15 + 1u;
    } while (((int)i15 <= (int)i14) && !m->trapped);
label3:;
    slot0 = as_ulong(d11);
    slot0 = m->total_4.r0;
    f64_store(m, i6, 0ul, f64_load(m, i6, 0ul, 29u) + as_double(slot0), 31u);
label1:;
}

#ifdef OMP2WASI_SPECIAL
/* function 5 */
static void sure_5(machine *m, uint i2, uint i3, uint i4, uint i5, uint i6, uint i7)
{
    double d11 = 0;
    uint i12 = 0;
    uint i13 = 0;
    uint i14 = 0;
    uint i15 = 0;
    ulong slot0 = 0; /* stack pointer -40 */
    uint slot1 = 0; /* stack pointer -28 */
    uint slot2 = 0; /* stack pointer -24 */
    uint slot3 = 0; /* stack pointer -16 */
    uint slot4 = 0; /* stack pointer -8 */
    if (i7 == 0) {
        goto label2;
    }
    i4 = i4 << 1;
label2:;
    slot4 = i2;
    slot3 = i3;
    slot2 = 1u;
    slot1 = 0u;
    {
        ulong trip = (int)slot3 < (int)slot4 ? 0ul : (ulong)(slot3 - slot4) + 1ul;
        ulong at = m->thread;
        m->threads = trip;
        slot4 += (uint)at;
        slot2 = (uint)(trip - at);
        slot3 = slot4;
        slot1 = (uint)(at + 1ul == trip);
    }
    i12 = slot3;
    i13 = i4 - 1u;
    i14 = ((int)i12 > (int)i13) ? i13 : i12;
    slot3 = i14;
    slot3 = slot4;
    i14 = slot4;
    slot3 = i14;
    i15 = slot4;
    if ((int)i15 > (int)i14) {
        goto label3;
    }
    do {
        d11 = d11 + f64_load(m, i5 + (i15 << 3), 0ul, 8u);
        i15 = i15 + 1u;
    } while (((int)i15 <= (int)i14) && !m->trapped);
label3:;
    slot0 = as_ulong(d11);
    {
        accumulator_4 part;
        part.r0 = slot0;
        part.has = 1u;
        accumulate_4(m, &part);
    }
    goto label1;
label1:;
}
#else
/* function 5 */
static void microtask_5(machine *m, uint i2, uint i3, uint i4, uint i5, uint i6, uint i7)
{
    double d11 = 0;
    uint i12 = 0;
    uint i13 = 0;
    uint i14 = 0;
    uint i15 = 0;
    ulong slot0 = 0; /* stack pointer -40 */
    uint slot1 = 0; /* stack pointer -28 */
    uint slot2 = 0; /* stack pointer -24 */
    uint slot3 = 0; /* stack pointer -16 */
    uint slot4 = 0; /* stack pointer -8 */
    if ((int)i4 < (int)1u) {
        goto label1;
    }
    if (i7 == 0) {
        goto label2;
    }
    i4 = i4 << 1;
label2:;
    slot4 = i2;
    slot3 = i3;
    slot2 = 1u;
    slot1 = 0u;
    {
        ulong trip = (int)slot3 < (int)slot4 ? 0ul : (ulong)(slot3 - slot4) + 1ul;
        ulong at = m->thread;
        m->threads = trip;
        slot4 += (uint)at;
        slot2 = (uint)(trip - at);
        slot3 = slot4;
        slot1 = (uint)(at + 1ul == trip);
        if (at >= trip)
            return;
    }
    i12 = slot3;
    i13 = i4 - 1u;
    i14 = ((int)i12 > (int)i13) ? i13 : i12;
    slot3 = i14;
    {
        uint bound = slot3;
        slot3 = slot4;
        i14 = slot4;
        if (bound != slot4)
            return;
    }
    slot3 = i14;
    i15 = slot4;
    if ((int)i15 > (int)i14) {
        goto label3;
    }
    do {
        d11 = d11 + f64_load(m, i5 + (i15 << 3), 0ul, 8u);
        i15 = i15 + 1u;
    } while (((int)i15 <= (int)i14) && !m->trapped);
label3:;
    slot0 = as_ulong(d11);
    {
        accumulator_4 part;
        part.r0 = slot0;
        part.has = 1u;
        accumulate_4(m, &part);
    }
    goto label1;
label1:;
}
#endif


#ifdef OMP2WASI_SPECIAL
__kernel void omp2wasi_sure(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, __global uchar *partials, uint p0, uint p1, uint p2, uint p3, uint p4, uint p5)
{
    __local accumulator_4 totals[256];
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.total_4.has = 0u;
    ulong threads = get_global_id(0) < count ? num_threads : 0ul;
    state.thread = get_global_id(0);
    if (state.thread < threads) {
        sure_5(&state, p0, p1, p2, p3, p4, p5); state.thread += count;
        while (state.thread + 3ul * count < threads && !state.trapped) {
            sure_5(&state, p0, p1, p2, p3, p4, p5); state.thread += count;
            sure_5(&state, p0, p1, p2, p3, p4, p5); state.thread += count;
            sure_5(&state, p0, p1, p2, p3, p4, p5); state.thread += count;
            sure_5(&state, p0, p1, p2, p3, p4, p5); state.thread += count;
        }
        while (state.thread < threads && !state.trapped) {
            sure_5(&state, p0, p1, p2, p3, p4, p5); state.thread += count;
        }
    }
    share_4(&state, totals);
    if (local_id() == 0u)
        ((__global accumulator_4 *)partials)[get_group_id(1) * get_num_groups(0) + get_group_id(0)] = state.total_4;
    record(&state, traps);
}
#else
__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, __global uchar *partials, uint p0, uint p1, uint p2, uint p3, uint p4, uint p5)
{
    __local accumulator_4 totals[256];
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.total_4.has = 0u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_5(&state, p0, p1, p2, p3, p4, p5);
    }
    share_4(&state, totals);
    if (local_id() == 0u)
        ((__global accumulator_4 *)partials)[get_group_id(1) * get_num_groups(0) + get_group_id(0)] = state.total_4;
    record(&state, traps);
}
#endif

__kernel void omp2wasi_reduce(__global uchar *memory, ulong size, __global uint *traps,
        uint count, uint num_threads, __global uchar *partials, uint p0, uint p1, uint p2, uint p3, uint p4, uint p5)
{
    __local accumulator_4 totals[256];
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.total_4.has = 0u;
    for (uint group = local_id(); group < count; group += get_local_size(0)) {
        accumulator_4 part = ((__global accumulator_4 *)partials)[group];
        if (part.has)
            accumulate_4(&state, &part);
    }
    share_4(&state, totals);
    if (local_id() == 0u && state.total_4.has)
        last_5(&state, p0, p1, p2, p3, p4, p5);
    record(&state, traps);
}
