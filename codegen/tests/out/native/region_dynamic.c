__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u64 a3, u64 a4, u64 a5, u64 a6);
__attribute__((nomerge)) static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5);

static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u64 a3, u64 a4, u64 a5, u64 a6)
{
    value s[7];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i64 = a3;
    s[4].i64 = a4;
    s[5].i64 = a5;
    s[6].i64 = a6;
    if (__builtin_expect(m->call(m, 0u, s), 0))
        m->unwind(m);
}

static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5)
{
    value s[6];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    s[4].i32 = a4;
    s[5].i32 = a5;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
    return s[0].i32;
}


static inline __attribute__((always_inline)) void loop2_4(instance *restrict m, u8 *mem, u64 n4, u32 a4_0, u8 *restrict c4_0, u32 a4_1, u8 *restrict c4_1, u32 i3, u64 *to_l5)
{
    u64 l5 = *to_l5;
    u8 *p4_0 = c4_0;
    u8 *p4_1 = c4_1;
    u64 h4_1 = i64_load_at(p4_1 + 8l);
    s64 k4 = 0;
    do {
        i64_store_at(p4_0 + k4 * 8, l5);
        l5 = l5 + 1ul;
    } while (++k4 != (s64)n4);
    *to_l5 = l5;
}

/* function 2 */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3)
{
    u32 i4 = 0;
    u64 l5 = 0;
    u32 i6;
    check_stack(m, 141u);
    i4 = m->globals[0].i32 - 32u;
    m->globals[0].i32 = i4;
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 161u), 0x40000023u, 0ul, (u64)i2, 1ul, 4ul);
label2:;
    for (;;) {
        i6 = host1(m, mem, 0u, 0u, i4 + 28u, i4 + 16u, i4 + 8u, i4);
        if (i6 == 0) {
            goto label1;
        }
        l5 = i64_load(m, mem, i4, 16ul, 213u);
        if (l5 > i64_load(m, mem, i4, 8ul, 224u)) {
            goto label3;
        }
        {
            u64 n4 = trips64_le_u(l5 + 1ul, 1u, __extension__ ({ u32 at = i4; (u64)at + 8ul + 8 <= m->memory_bytes ? i64_load(m, mem, at, 8ul, 255u) : 0; })); PIN(n4);
            u32 a4_0 = i3 + ((u32)l5 * 8u); PIN(a4_0);
            reach r4_0 = moved(just(a4_0), 8, n4);
            u32 a4_1 = i4; PIN(a4_1);
            reach r4_1 = just(a4_1);
            if (counts(n4) && stays(r4_0, 0, 0) && (u64)a4_1 + 16 <= m->memory_bytes && apart(r4_0, 0, 8, r4_1, 8, 16)) {
                loop2_4(m, mem, n4, a4_0, mem + (u64)a4_0, a4_1, mem + (u64)a4_1, i3, &l5);
            } else {
                do {
                    i64_store(m, mem, i3 + (u32)(l5 << 3), 0ul, l5, 243u);
                    l5 = l5 + 1ul;
                } while (l5 <= i64_load(m, mem, i4, 8ul, 255u));
            }
        }
    label3:;
        continue;
    }
label1:;
    m->globals[0].i32 = i4 + 32u;
}

static void e2(instance *m, value *s)
{
    fn2(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {2u, 0u, e2},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
