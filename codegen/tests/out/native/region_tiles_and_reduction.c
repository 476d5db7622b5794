__attribute__((nomerge)) static void fn5(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u64 a7, u64 a8);
__attribute__((nomerge)) static void host1(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static u32 host2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6);
__attribute__((nomerge)) static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);

static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u64 a7, u64 a8)
{
    value s[9];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    s[4].i32 = a4;
    s[5].i32 = a5;
    s[6].i32 = a6;
    s[7].i64 = a7;
    s[8].i64 = a8;
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


/* function 5 */
static void fn5(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3, u32 i4, u32 i5, u32 i6)
{
    u32 i7 = 0;
    u64 l8 = 0;
    u64 l9 = 0;
    u64 l10 = 0;
    u64 l11 = 0;
    double d12 = 0;
    u32 i13;
    check_stack(m, 261u);
    i7 = m->globals[0].i32 - 48u;
    m->globals[0].i32 = i7;
    i64_store(m, mem, i7, 40ul, (u64)i2, 284u);
    i64_store(m, mem, i7, 32ul, (u64)i3, 292u);
    i64_store(m, mem, i7, 24ul, 1ul, 299u);
    i32_store(m, mem, i7, 20ul, 0u, 306u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 313u), 34u, i7 + 20u, i7 + 40u, i7 + 32u, i7 + 24u, 1ul, 1ul);
    l8 = i64_load(m, mem, i7, 40ul, 346u);
    l9 = i64_load(m, mem, i7, 32ul, 353u);
    l10 = (u64)(s64)(s32)i4;
    if ((s64)l8 > (s64)l9) {
        goto label1;
    }
    {
        u64 n2 = trips64_le_s(l8 + 1ul, 1u, l9); PIN(n2);
        u32 a2_0 = i5 + ((u32)l8 * 8u); PIN(a2_0);
        reach r2_0 = moved(just(a2_0), 8, n2);
        if (counts(n2) && stays(r2_0, 0, 0)) {
            u8 *p2_0 = mem + (u64)a2_0;
            s64 k2 = 0;
            do {
                l11 = i64_div_s(m, mem, l8, l10, 378u);
                d12 = d12 + ((double)(s64)(l8 - (l11 * l10)) * f64_load_at(p2_0 + k2 * 8));
                l8 = l8 + 1ul;
            } while (++k2 != (s64)n2);
        } else {
            do {
                l11 = i64_div_s(m, mem, l8, l10, 378u);
                d12 = d12 + ((double)(s64)(l8 - (l11 * l10)) * f64_load(m, mem, i5 + ((u32)l8 << 3), 0ul, 401u));
                l8 = l8 + 1ul;
            } while ((s64)l8 <= (s64)l9);
        }
    }
label1:;
    f64_store(m, mem, i7, 8ul, d12, 428u);
    host1(m, mem, 0u, i32_load(m, mem, i0, 0ul, 435u));
    i32_store(m, mem, i7, 4ul, i7 + 8u, 447u);
    i13 = host2(m, mem, 0u, i32_load(m, mem, i0, 0ul, 458u), 1u, 4u, i7 + 4u, 1u, 0u);
    if (1u != i13) {
        goto label3;
    }
    f64_store(m, mem, i6, 0ul, f64_load(m, mem, i6, 0ul, 483u) + f64_load(m, mem, i7, 8ul, 488u), 492u);
    host3(m, mem, 0u, i32_load(m, mem, i0, 0ul, 499u), 0u);
label3:;
    m->globals[0].i32 = i7 + 48u;
}

static void e5(instance *m, value *s)
{
    fn5(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32, s[4].i32, s[5].i32, s[6].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {5u, 0u, e5},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
