__attribute__((nomerge)) static void fn4(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static u32 host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);
__attribute__((nomerge)) static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static u32 host2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);
__attribute__((nomerge)) static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1);

static u32 host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2)
{
    value s[3];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    if (__builtin_expect(m->call(m, 0u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static u32 host2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2)
{
    value s[3];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    if (__builtin_expect(m->call(m, 2u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 3u, s), 0))
        m->unwind(m);
}


/* __omp_offloading_1_2_main_l3 */
static void fn4(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1 = 0;
    u32 i2 = 0;
    u32 i3 = 0;
    u32 i4 = 0;
    u32 i5;
    u32 i6;
    u32 i7;
    check_stack(m, 145u);
    i1 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i1;
    i64_store(m, mem, i1, 8ul, 0x4000000002ul, 168u);
    i5 = host0(m, mem, 0u, 1u, i1 + 8u);
    i2 = i5;
    i6 = host1(m, mem, 128u, i2);
    i3 = i6;
    if (i3 == 0) {
        trap(m, 1u, 198u);
    }
    {
        u64 n2 = trips32_lt_u(i4 + 4u, 4u, 128u); PIN(n2);
        u32 a2_0 = i6 + i4; PIN(a2_0);
        reach r2_0 = moved(just(a2_0), 4, n2);
        if (counts(n2) && stays(r2_0, 0, 0)) {
            u8 *p2_0 = mem + (u64)a2_0;
            s64 k2 = 0;
            do {
                i32_store_at(p2_0 + k2 * 4, i4);
                i4 = i4 + 4u;
            } while (++k2 != (s64)n2);
        } else {
            do {
                i32_store(m, mem, i3 + i4, 0ul, i4, 209u);
                i4 = i4 + 4u;
            } while (i4 < 128u);
        }
    }
    i32_store(m, mem, i0, 0ul, i32_load(m, mem, i3 + i32_load(m, mem, i0, 0ul, 232u), 0ul, 236u), 239u);
    do {
        i7 = host2(m, mem, 4u, 4u, 1u);
        i3 = i7;
        i32_store(m, mem, i0, 4ul, i32_load(m, mem, i3 + i32_load(m, mem, i0, 0ul, 260u), 0ul, 264u), 267u);
        host3(m, mem, i3, 1u);
    } while (i32_load(m, mem, i0, 8ul, 278u) != 0);
    m->globals[0].i32 = i1 + 16u;
}

static void e4(instance *m, value *s)
{
    fn4(m, m->memory, s[0].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {4u, 0u, e4},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
