__attribute__((nomerge)) static double fn1(instance *restrict m, u8 *mem);
__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);
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


/* omp_get_wtime */
static double fn1(instance *restrict m, u8 *mem)
{
    trap(m, 1u, 108u);
}

/* function 2 */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3)
{
    u32 i4 = 0;
    u32 i5 = 0;
    u32 i6 = 0;
    double d7 = 0;
    double d8;
    u32 i9;
    double d10;
    check_stack(m, 112u);
    i4 = m->globals[0].i32 - 32u;
    m->globals[0].i32 = i4;
    i32_store(m, mem, i4, 0ul, 0u, 130u);
    i32_store(m, mem, i4, 4ul, 0u, 137u);
    i32_store(m, mem, i4, 8ul, i2 - 1u, 147u);
    i32_store(m, mem, i4, 12ul, 1u, 154u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 161u), 34u, i4, i4 + 4u, i4 + 8u, i4 + 12u, 1u, 1u);
    i5 = i32_load(m, mem, i4, 4ul, 191u);
    do {
        i6 = i3 + (i5 << 3);
        d8 = fn1(m, mem);
        d7 = d8;
        f64_store(m, mem, i6, 0ul, f64_sqrt(f64_load(m, mem, i6, 0ul, 216u)), 220u);
        i9 = i6;
        d10 = fn1(m, mem);
        f64_store(m, mem, i9, 0ul, d10 - d7, 230u);
        i5 = i5 + 1u;
    } while ((s32)i5 <= (s32)i32_load(m, mem, i4, 8ul, 244u));
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
