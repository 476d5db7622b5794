__attribute__((nomerge)) static void fn6(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7, u32 a8);
__attribute__((nomerge)) static void host1(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static u32 host2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6);
__attribute__((nomerge)) static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);
__attribute__((nomerge)) static void host4(instance *restrict m, u8 *mem);

static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7, u32 a8)
{
    value s[9];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    s[4].i32 = a4;
    s[5].i32 = a5;
    s[6].i32 = a6;
    s[7].i32 = a7;
    s[8].i32 = a8;
    if (__builtin_expect(m->call(m, 0u, s), 0))
        m->unwind(m);
}

static void host1(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
}

static u32 host2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6)
{
    value s[7];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    s[4].i32 = a4;
    s[5].i32 = a5;
    s[6].i32 = a6;
    if (__builtin_expect(m->call(m, 2u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2)
{
    value s[3];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    if (__builtin_expect(m->call(m, 3u, s), 0))
        m->unwind(m);
}

static void host4(instance *restrict m, u8 *mem)
{
    value s[1];
    if (__builtin_expect(m->call(m, 4u, s), 0))
        m->unwind(m);
}


/* function 6 */
static void fn6(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3, u32 i4)
{
    u32 i5 = 0;
    u32 i6 = 0;
    u32 i7 = 0;
    u32 i8 = 0;
    u32 i9;
    u32 i10;
    u32 i11;
    check_stack(m, 304u);
    i5 = m->globals[0].i32 - 288u;
    m->globals[0].i32 = i5;
    if ((s32)i2 < (s32)1u) {
        goto label1;
    }
    memory_fill(m, mem, i5 + 32u, 0u, 256u, 338u);
    i32_store(m, mem, i5, 24ul, 0u, 345u);
    i32_store(m, mem, i5, 20ul, i2 - 1u, 355u);
    i32_store(m, mem, i5, 16ul, 1u, 362u);
    i32_store(m, mem, i5, 12ul, 0u, 369u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 376u), 34u, i5 + 12u, i5 + 24u, i5 + 20u, i5 + 16u, 1u, 1u);
    i7 = i32_load(m, mem, i5, 20ul, 409u);
    i6 = i32_load(m, mem, i5, 24ul, 416u);
    if ((s32)i6 > (s32)i7) {
        goto label2;
    }
    {
        u64 n3 = trips32_le_s(i6 + 1u, 1u, i7); PIN(n3);
        u32 a3_0 = i3 + (i6 * 4u); PIN(a3_0);
        reach r3_0 = moved(just(a3_0), 4, n3);
        if (counts(n3) && stays(r3_0, 0, 0)) {
            u8 *p3_0 = mem + (u64)a3_0;
            s64 k3 = 0;
            do {
                i8 = (i5 + 32u) + ((i32_load_at(p3_0 + k3 * 4) & 63u) << 2);
                i32_store(m, mem, i8, 0ul, i32_load(m, mem, i8, 0ul, 461u) + 1u, 467u);
                i6 = i6 + 1u;
            } while (++k3 != (s64)n3);
        } else {
            do {
                i8 = (i5 + 32u) + ((i32_load(m, mem, i3 + (i6 << 2), 0ul, 445u) & 63u) << 2);
                i32_store(m, mem, i8, 0ul, i32_load(m, mem, i8, 0ul, 461u) + 1u, 467u);
                i6 = i6 + 1u;
            } while ((s32)i6 <= (s32)i7);
        }
    }
label2:;
    host1(m, mem, 0u, i32_load(m, mem, i0, 0ul, 488u));
    i32_store(m, mem, i5, 8ul, i5 + 32u, 500u);
    i8 = 0u;
    i9 = host2(m, mem, 0u, i32_load(m, mem, i0, 0ul, 515u), 1u, 4u, i5 + 8u, 1u, 0u);
    i10 = i9 - 1u;
    switch (pinned(i10)) {
    case 0u:
        goto label5;
    case 1u:
        goto label4;
    default:
        goto label1;
    }
label5:;
    host4(m, mem);
    host3(m, mem, 0u, i32_load(m, mem, i0, 0ul, 548u), 0u);
    goto label1;
label4:;
    {
        u64 n6 = trips32_up(4u, 4u, 256u);
        u32 a6_0 = i5; PIN(a6_0);
        reach r6_0 = moved(just(a6_0), 4, n6);
        if (counts(n6) && stays(r6_0, 0, 0)) {
            u8 *p6_0 = mem + (u64)a6_0;
            s64 k6 = 0;
            do {
                i11 = i32_atomic_rmw_add(m, mem, i4 + i8, 0ul, i32_load_at(p6_0 + k6 * 4 + 32l), 573u);
                i8 = i8 + 4u;
            } while (++k6 != (s64)n6);
        } else {
            do {
                i11 = i32_atomic_rmw_add(m, mem, i4 + i8, 0ul, i32_load(m, mem, i5 + i8, 32ul, 570u), 573u);
                i8 = i8 + 4u;
            } while (i8 != 256u);
        }
    }
label1:;
    m->globals[0].i32 = i5 + 288u;
}

static void e6(instance *m, value *s)
{
    fn6(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32, s[4].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {6u, 0u, e6},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
