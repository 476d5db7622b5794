typedef struct {
    __global uchar *memory;
    ulong size;
    uint trapped;
    ulong thread, threads;
} machine;

/* log */
static uint function_10(machine *m, uint i0)
{
    uint i2 = 0;
    i2 = i0 + 1u;
    return i2;
}

/* sincosf */
static void function_9(machine *m, float f0, uint i1)
{
    i32_store(m, i1, 0ul, 1u, 19u);
}

#ifdef OMP2WASI_SPECIAL
/* function 11 */
static void sure_11(machine *m, uint i2, uint i3)
{
    uint i13 = 0;
    uint i14 = 0;
    double d15 = 0;
    float f16 = 0;
    uint i17 = 0;
    uint i18 = 0;
    double d19 = 0;
    uint i20 = 0;
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
        ulong at = m->thread;
        m->threads = trip;
        slot1 += (uint)at;
        slot3 = (uint)(trip - at);
        slot2 = slot1;
        slot0 = (uint)(at + 1ul == trip);
    }
    i13 = slot1;
    do {
        i14 = i3 + (i13 << 6);
        d15 = f64_load(m, i14, 0ul, 6u);
        f16 = f32_load(m, i14, 8ul, 7u);
        f64_store(m, i14, 0ul, f64_fma(f64_exp(d15), f64_nearest(d15), f64_load(m, i14, 16ul, 8u)), 9u);
        f32_store(m, i14, 8ul, f32_ldexp(f32_atan2(f16, 2.0f), i32_load(m, i14, 12ul, 10u)), 11u);
        i17 = i14;
        i18 = function_10(m, i32_lround_f64(d15));
        i32_store(m, i17, 24ul, i18, 12u);
        i64_store(m, i14, 32ul, i64_lrint_f32(f16), 13u);
        d19 = d15;
        i20 = i14 + 40u;
        f64_store(m, i20, 0ul, f64_sin(d19), 14u);
        slot4 = as_ulong(f64_cos(d19));
        f64_store(m, i14, 48ul, as_double(slot4), 17u);
        function_9(m, f16, i14 + 56u);
        i13 = i13 + 1u;
    } while (((int)i13 <= (int)slot2) && !m->trapped);
}
#else
/* function 11 */
static void microtask_11(machine *m, uint i2, uint i3)
{
    uint i13 = 0;
    uint i14 = 0;
    double d15 = 0;
    float f16 = 0;
    uint i17 = 0;
    uint i18 = 0;
    double d19 = 0;
    uint i20 = 0;
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
        ulong at = m->thread;
        m->threads = trip;
        slot1 += (uint)at;
        slot3 = (uint)(trip - at);
        slot2 = slot1;
        slot0 = (uint)(at + 1ul == trip);
        if (at >= trip)
            return;
    }
    i13 = slot1;
    do {
        i14 = i3 + (i13 << 6);
        d15 = f64_load(m, i14, 0ul, 6u);
        f16 = f32_load(m, i14, 8ul, 7u);
        f64_store(m, i14, 0ul, f64_fma(f64_exp(d15), f64_nearest(d15), f64_load(m, i14, 16ul, 8u)), 9u);
        f32_store(m, i14, 8ul, f32_ldexp(f32_atan2(f16, 2.0f), i32_load(m, i14, 12ul, 10u)), 11u);
        i17 = i14;
        i18 = function_10(m, i32_lround_f64(d15));
        i32_store(m, i17, 24ul, i18, 12u);
        i64_store(m, i14, 32ul, i64_lrint_f32(f16), 13u);
        d19 = d15;
        i20 = i14 + 40u;
        f64_store(m, i20, 0ul, f64_sin(d19), 14u);
        slot4 = as_ulong(f64_cos(d19));
        f64_store(m, i14, 48ul, as_double(slot4), 17u);
        function_9(m, f16, i14 + 56u);
        i13 = i13 + 1u;
    } while (((int)i13 <= (int)slot2) && !m->trapped);
}
#endif


#ifdef OMP2WASI_SPECIAL
__kernel void omp2wasi_sure(__global uchar *memory, ulong size,
        uint count, uint num_threads, uint p0, uint p1)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    p1 *= 8u;
    state.thread = get_global_id(0);
    if (state.thread < num_threads)
        sure_11(&state, p0, p1);
}
#else
__kernel void omp2wasi_kernel(__global uchar *memory, ulong size,
        uint count, uint num_threads, uint p0, uint p1)
{
    machine state;
    state.memory = memory;
    state.size = size;
    state.trapped = 0u;
    p1 *= 8u;
    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {
        state.threads = 0ul;
        microtask_11(&state, p0, p1);
    }
}
#endif
