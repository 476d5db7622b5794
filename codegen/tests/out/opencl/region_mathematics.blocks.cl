typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads, block, end;
} machine;

/* log */
static uint function_10(machine *m, uint i0)
{
    uint i1;
    i1 = i0 + 1u;
    return i1;
}

/* sincosf */
static void function_9(machine *m, float f0, uint i1)
{
    i32_store(m, i1, 0ul, 1u, 19u);
}

/* function 11 */
static void microtask_11(machine *m, uint i2, uint i3)
{
    uint i5 = 0;
    uint i6 = 0;
    double d7 = 0;
    float f8 = 0;
    uint i9;
    uint i10;
    double d11;
    uint i12;
    uint slot0 = 0; /* stack pointer -32 */
    uint slot1 = 0; /* stack pointer -28 */
    uint slot2 = 0; /* stack pointer -24 */
    uint slot3 = 0; /* stack pointer -20 */
    ulong slot4 = 0; /* stack pointer -16 */
    slot0 = 0u;
    slot1 = 0u;
    slot2 = (i2 - 1u);
    slot3 = 1u;
    {
        ulong trip = (int)slot2 < (int)slot1 ? 0ul : (ulong)(slot2 - slot1) + 1ul;
        ulong chunk = min(m->block, max(trip, 1ul));
        m->threads = trip / chunk + (trip % chunk != 0ul);
        ulong at = m->thread < m->threads ? m->thread * chunk : trip;
        slot1 += (uint)at;
        ulong left = min(chunk, trip - at);
        slot3 = (uint)(trip - at);
        slot2 = slot1 + (uint)(left - 1ul);
        slot0 = (uint)(at + left == trip);
        if (at >= trip)
            return;
    }
    i5 = slot1;
    do {
        i6 = i3 + (i5 << 6);
        d7 = f64_load(m, i6, 0ul, 6u);
        f8 = f32_load(m, i6, 8ul, 7u);
        f64_store(m, i6, 0ul, f64_fma(f64_exp(d7), f64_nearest(d7), f64_load(m, i6, 16ul, 8u)), 9u);
        f32_store(m, i6, 8ul, f32_ldexp(f32_atan2(f8, 2.0f), i32_load(m, i6, 12ul, 10u)), 11u);
        i9 = i6;
        i10 = function_10(m, i32_lround_f64(d7));
        i32_store(m, i9, 24ul, i10, 12u);
        i64_store(m, i6, 32ul, i64_lrint_f32(f8), 13u);
        d11 = d7;
        i12 = i6 + 40u;
        f64_store(m, i12, 0ul, f64_sin(d11), 14u);
        slot4 = as_ulong(f64_cos(d11));
        f64_store(m, i6, 48ul, as_double(slot4), 17u);
        function_9(m, f8, i6 + 56u);
        i5 = i5 + 1u;
    } while (((int)i5 <= (int)slot2) && !m->trapped);
}

__kernel void omp2wasi_kernel(__global uchar *memory, ulong size, __global uint *traps,
        uint first, uint count, uint num_threads, uint block_size, uint p0, uint p1)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    state.block = block_size;
    p1 *= 8u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_11(&state, p0, p1);
    }
    record(&state, traps);
}
