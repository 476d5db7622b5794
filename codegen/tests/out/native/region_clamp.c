__attribute__((nomerge)) static void fn1(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7, u32 a8);

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


/* function 1 */
static void fn1(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3)
{
    u32 i4 = 0;
    u32 i5 = 0;
    u32 i6 = 0;
    u32 i7 = 0;
    check_stack(m, 104u);
    i4 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i4;
    if ((s32)i2 < (s32)1u) {
        goto label1;
    }
    i32_store(m, mem, i4, 12ul, 0u, 131u);
    i7 = i2 - 1u;
    i32_store(m, mem, i4, 8ul, i7, 145u);
    i32_store(m, mem, i4, 4ul, 1u, 152u);
    i32_store(m, mem, i4, 0ul, 0u, 159u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 166u), 34u, i4, i4 + 12u, i4 + 8u, i4 + 4u, 1u, 1u);
    i6 = i32_load(m, mem, i4, 8ul, 198u);
    i6 = ((s32)i6 < (s32)i7) ? i6 : i7;
    i32_store(m, mem, i4, 8ul, i6, 213u);
    i5 = i32_load(m, mem, i4, 12ul, 218u);
    if ((s32)i5 > (s32)i6) {
        goto label1;
    }
    {
        u64 n2 = trips32_le_s(i5 + 1u, 1u, i6); PIN(n2);
        u32 a2_0 = i3 + (i5 * 8u); PIN(a2_0);
        reach r2_0 = moved(just(a2_0), 8, n2);
        if (counts(n2) && stays(r2_0, 0, 0)) {
            u8 *p2_0 = mem + (u64)a2_0;
            s64 k2 = 0;
            do {
                f64_store_at(p2_0 + k2 * 8, (double)(s32)i5);
                i5 = i5 + 1u;
            } while (++k2 != (s64)n2);
        } else {
            do {
                f64_store(m, mem, i3 + (i5 << 3), 0ul, (double)(s32)i5, 241u);
                i5 = i5 + 1u;
            } while ((s32)i5 <= (s32)i6);
        }
    }
label1:;
    m->globals[0].i32 = i4 + 16u;
}

static void e1(instance *m, value *s)
{
    fn1(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {1u, 0u, e1},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
