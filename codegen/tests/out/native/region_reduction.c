__attribute__((nomerge)) static void fn5(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7, u32 a8);
__attribute__((nomerge)) static void host1(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static u32 host2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6);
__attribute__((nomerge)) static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);

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


/* function 5 */
static void fn5(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3, u32 i4, u32 i5, u32 i6, u32 i7)
{
    u32 i8 = 0;
    u32 i9 = 0;
    u32 i10 = 0;
    double d11 = 0;
    u32 i12;
    check_stack(m, 262u);
    i8 = m->globals[0].i32 - 48u;
    m->globals[0].i32 = i8;
    if ((s32)i4 < (s32)1u) {
        goto label1;
    }
    if (i7 == 0) {
        goto label2;
    }
    i4 = i4 << 1;
label2:;
    i32_store(m, mem, i8, 40ul, i2, 306u);
    i32_store(m, mem, i8, 32ul, i3, 313u);
    i32_store(m, mem, i8, 24ul, 1u, 320u);
    i32_store(m, mem, i8, 20ul, 0u, 327u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 334u), 34u, i8 + 20u, i8 + 40u, i8 + 32u, i8 + 24u, 1u, 1u);
    i9 = i32_load(m, mem, i8, 32ul, 367u);
    i4 = i4 - 1u;
    i10 = ((s32)i9 > (s32)i4) ? i4 : i9;
    i32_store(m, mem, i8, 32ul, i10, 395u);
    i9 = i32_load(m, mem, i8, 40ul, 400u);
    if ((s32)i9 > (s32)i10) {
        goto label3;
    }
    {
        u64 n4 = trips32_le_s(i9 + 1u, 1u, i10); PIN(n4);
        u32 a4_0 = i5 + (i9 * 8u); PIN(a4_0);
        reach r4_0 = moved(just(a4_0), 8, n4);
        if (counts(n4) && stays(r4_0, 0, 0)) {
            u8 *p4_0 = mem + (u64)a4_0;
            s64 k4 = 0;
            do {
                d11 = d11 + f64_load_at(p4_0 + k4 * 8);
                i9 = i9 + 1u;
            } while (++k4 != (s64)n4);
        } else {
            do {
                d11 = d11 + f64_load(m, mem, i5 + (i9 << 3), 0ul, 426u);
                i9 = i9 + 1u;
            } while ((s32)i9 <= (s32)i10);
        }
    }
label3:;
    f64_store(m, mem, i8, 8ul, d11, 452u);
    host1(m, mem, 0u, i32_load(m, mem, i0, 0ul, 459u));
    i32_store(m, mem, i8, 4ul, i8 + 8u, 471u);
    i12 = host2(m, mem, 0u, i32_load(m, mem, i0, 0ul, 480u), 1u, 4u, i8 + 4u, 1u, 0u);
    if (1u != i12) {
        goto label1;
    }
    f64_store(m, mem, i6, 0ul, f64_load(m, mem, i6, 0ul, 505u) + f64_load(m, mem, i8, 8ul, 510u), 514u);
    host3(m, mem, 0u, i32_load(m, mem, i0, 0ul, 521u), 0u);
label1:;
    m->globals[0].i32 = i8 + 48u;
}

static void e5(instance *m, value *s)
{
    fn5(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32, s[4].i32, s[5].i32, s[6].i32, s[7].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {5u, 0u, e5},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
