__attribute__((nomerge)) static void fn8(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static u32 host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5);
__attribute__((nomerge)) static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);
__attribute__((nomerge)) static u32 host2(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u64 a6, u32 a7, u32 a8, u64 a9, u32 a10);

static u32 host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5)
{
    value s[6];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    s[4].i32 = a4;
    s[5].i32 = a5;
    if (__builtin_expect(m->call(m, 0u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2)
{
    value s[3];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static u32 host2(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 2u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u64 a6, u32 a7, u32 a8, u64 a9, u32 a10)
{
    value s[11];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    s[4].i32 = a4;
    s[5].i32 = a5;
    s[6].i64 = a6;
    s[7].i32 = a7;
    s[8].i32 = a8;
    s[9].i64 = a9;
    s[10].i32 = a10;
    if (__builtin_expect(m->call(m, 3u, s), 0))
        m->unwind(m);
}


/* __omp_offloading_1_2_main_l3 */
static void fn8(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1 = 0;
    u32 i2;
    u32 i3;
    u32 i4;
    u32 i5;
    u32 i6;
    u32 i7;
    check_stack(m, 332u);
    i2 = host0(m, mem, 0u, 0u, 1u, 24u, 4u, 1u);
    i1 = i2;
    i32_store(m, mem, i32_load(m, mem, i1, 0ul, 353u), 0ul, i0, 358u);
    i32_store(m, mem, i1, 20ul, 5u, 365u);
    i3 = host1(m, mem, 0u, 0u, i1);
    i4 = host0(m, mem, 0u, 0u, 0u, 24u, 0u, 2u);
    i1 = i4;
    i32_store(m, mem, i1, 20ul, i0, 397u);
    i5 = host1(m, mem, 0u, 0u, i1);
    i6 = host2(m, mem, 0u, 0u);
    i7 = host0(m, mem, 0u, 0u, 1u, 60u, 0u, 3u);
    i1 = i7;
    i32_store(m, mem, i1, 56ul, i0, 436u);
    i64_store(m, mem, i1, 24ul, 0ul, 443u);
    i64_store(m, mem, i1, 32ul, (u64)i32_load(m, mem, i0, 20ul, 450u), 454u);
    host3(m, mem, 0u, 0u, i1, 1u, i1 + 24u, i1 + 32u, 1ul, 1u, 1u, 8ul, 4u);
}

static void e8(instance *m, value *s)
{
    fn8(m, m->memory, s[0].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {8u, 0u, e8},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
