__attribute__((nomerge)) static double fn1(instance *restrict m, u8 *mem, double a0);
__attribute__((nomerge)) static float fn2(instance *restrict m, u8 *mem, float a0, float a1);
__attribute__((nomerge)) static double fn3(instance *restrict m, u8 *mem, double a0, double a1, double a2);
__attribute__((nomerge)) static float fn4(instance *restrict m, u8 *mem, float a0, u32 a1);
__attribute__((nomerge)) static u32 fn5(instance *restrict m, u8 *mem, double a0);
__attribute__((nomerge)) static u64 fn6(instance *restrict m, u8 *mem, float a0);
__attribute__((nomerge)) static double fn7(instance *restrict m, u8 *mem, double a0);
__attribute__((nomerge)) static void fn8(instance *restrict m, u8 *mem, double a0, u32 a1, u32 a2);
__attribute__((nomerge)) static void fn9(instance *restrict m, u8 *mem, float a0, u32 a1);
__attribute__((nomerge)) static u32 fn10(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn11(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);
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


/* exp */
static double fn1(instance *restrict m, u8 *mem, double d0)
{
    trap(m, 1u, 163u);
}

/* atan2f */
static float fn2(instance *restrict m, u8 *mem, float f0, float f1)
{
    trap(m, 1u, 167u);
}

/* fma */
static double fn3(instance *restrict m, u8 *mem, double d0, double d1, double d2)
{
    trap(m, 1u, 171u);
}

/* ldexpf */
static float fn4(instance *restrict m, u8 *mem, float f0, u32 i1)
{
    trap(m, 1u, 175u);
}

/* lround */
static u32 fn5(instance *restrict m, u8 *mem, double d0)
{
    trap(m, 1u, 179u);
}

/* llrintf */
static u64 fn6(instance *restrict m, u8 *mem, float f0)
{
    trap(m, 1u, 183u);
}

/* nearbyint */
static double fn7(instance *restrict m, u8 *mem, double d0)
{
    trap(m, 1u, 187u);
}

/* sincos */
static void fn8(instance *restrict m, u8 *mem, double d0, u32 i1, u32 i2)
{
    trap(m, 1u, 191u);
}

/* sincosf */
static void fn9(instance *restrict m, u8 *mem, float f0, u32 i1)
{
    i32_store(m, mem, i1, 0ul, 1u, 199u);
}

/* log */
static u32 fn10(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    i1 = i0 + 1u;
    return i1;
}

/* function 11 */
static void fn11(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3)
{
    u32 i4 = 0;
    u32 i5 = 0;
    u32 i6 = 0;
    double d7 = 0;
    float f8 = 0;
    u32 i9;
    double d10;
    double d11;
    double d12;
    u32 i13;
    float f14;
    float f15;
    u32 i16;
    u32 i17;
    u32 i18;
    u32 i19;
    u64 l20;
    check_stack(m, 213u);
    i4 = m->globals[0].i32 - 32u;
    m->globals[0].i32 = i4;
    i32_store(m, mem, i4, 0ul, 0u, 233u);
    i32_store(m, mem, i4, 4ul, 0u, 240u);
    i32_store(m, mem, i4, 8ul, i2 - 1u, 250u);
    i32_store(m, mem, i4, 12ul, 1u, 257u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 264u), 34u, i4, i4 + 4u, i4 + 8u, i4 + 12u, 1u, 1u);
    i5 = i32_load(m, mem, i4, 4ul, 294u);
    do {
        i6 = i3 + (i5 << 6);
        d7 = f64_load(m, mem, i6, 0ul, 313u);
        f8 = f32_load(m, mem, i6, 8ul, 320u);
        i9 = i6;
        d10 = fn1(m, mem, d7);
        d11 = fn7(m, mem, d7);
        d12 = fn3(m, mem, d10, d11, f64_load(m, mem, i6, 16ul, 337u));
        f64_store(m, mem, i9, 0ul, d12, 342u);
        i13 = i6;
        f14 = fn2(m, mem, f8, 2.0f);
        f15 = fn4(m, mem, f14, i32_load(m, mem, i6, 12ul, 358u));
        f32_store(m, mem, i13, 8ul, f15, 363u);
        i16 = i6;
        i17 = fn5(m, mem, d7);
        i18 = fn10(m, mem, i17);
        i32_store(m, mem, i16, 24ul, i18, 374u);
        i19 = i6;
        l20 = fn6(m, mem, f8);
        i64_store(m, mem, i19, 32ul, l20, 383u);
        fn8(m, mem, d7, i6 + 40u, i4 + 16u);
        f64_store(m, mem, i6, 48ul, f64_load(m, mem, i4, 16ul, 404u), 407u);
        fn9(m, mem, f8, i6 + 56u);
        i5 = i5 + 1u;
    } while ((s32)i5 <= (s32)i32_load(m, mem, i4, 8ul, 430u));
    m->globals[0].i32 = i4 + 32u;
}

static void e11(instance *m, value *s)
{
    fn11(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {11u, 0u, e11},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
