__attribute__((nomerge)) static u32 fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static u32 fn1(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);
__attribute__((nomerge)) static void fn3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* sum */
static u32 fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1)
{
    u32 i2 = 0;
    u32 i3;
    {
        u64 n1 = trips32_down(i1 + (u32)-1, 1u, 0u); PIN(n1);
        u32 a1_0 = i0; PIN(a1_0);
        reach r1_0 = moved(just(a1_0), 4, n1);
        if (counts(n1) && stays(r1_0, 0, 0)) {
            u8 *p1_0 = mem + (u64)a1_0;
            s64 k1 = 0;
            do {
                i2 = i2 + i32_load_at(p1_0 + k1 * 4);
                i0 = i0 + 4u;
                i1 = i1 - 1u;
            } while (++k1 != (s64)n1);
        } else {
            do {
                i2 = i2 + i32_load(m, mem, i0, 0ul, 85u);
                i0 = i0 + 4u;
                i1 = i1 - 1u;
            } while (i1 != 0);
        }
    }
    i32_store(m, mem, i0, 0ul, i2, 112u);
    i3 = i2;
    return i3;
}

/* through */
static u32 fn1(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1 = 0;
    u32 i2;
    check_stack(m, 119u);
    i1 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i1;
    fn2(m, mem, i32_load(m, mem, i0, 0ul, 133u), i32_load(m, mem, i0, 4ul, 138u), i1 + 12u);
    m->globals[0].i32 = i1 + 16u;
    i2 = i32_load(m, mem, i1, 12ul, 157u);
    return i2;
}

/* add */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3;
    u32 i4;
    check_stack(m, 162u);
    i3 = i2;
    i4 = fn0(m, mem, i0, i1);
    i32_store(m, mem, i3, 0ul, i4, 171u);
}

static inline __attribute__((always_inline)) void loop3_1(instance *restrict m, u8 *mem, u64 n1, u32 a1_0, u8 *restrict c1_0, u32 a1_1, u8 *restrict c1_1, u32 i3, u32 i4, u32 *to_i5)
{
    u32 i5 = *to_i5;
    u8 *p1_0 = c1_0;
    u8 *p1_1 = c1_1;
    s64 k1 = 0;
    do {
        i32_store_at(p1_1 + k1 * 4 + 16l, i32_load_at(p1_0 + k1 * 4));
        i5 = i5 + 1u;
    } while (++k1 != (s64)n1);
    *to_i5 = i5;
}

/* function 3 */
static void fn3(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    u32 i4 = 0;
    u32 i5 = 0;
    u32 i6 = 0;
    u32 i7;
    u32 i8;
    u32 i9;
    u32 i10;
    u32 i11;
    u32 i12;
    check_stack(m, 177u);
    i3 = 0x10000u + (i0 << 8);
    i4 = m->globals[0].i32 - 128u;
    m->globals[0].i32 = i4;
    memory_fill(m, mem, i4, 0u, 128u, 209u);
    {
        u64 n1 = trips32_lt_u(i5 + 1u, 1u, 12u); PIN(n1);
        u32 a1_0 = ((i0 * 256u) + (i5 * 4u)) + 0x10000u; PIN(a1_0);
        reach r1_0 = moved(just(a1_0), 4, n1);
        u32 a1_1 = i4 + (i5 * 4u); PIN(a1_1);
        reach r1_1 = moved(just(a1_1), 4, n1);
        if (counts(n1) && stays(r1_0, 0, 0) && stays(r1_1, 0, 0) && apart(r1_0, 0, 4, r1_1, 16, 20)) {
            loop3_1(m, mem, n1, a1_0, mem + (u64)a1_0, a1_1, mem + (u64)a1_1, i3, i4, &i5);
        } else {
            do {
                i32_store(m, mem, i4 + (i5 << 2), 16ul, i32_load(m, mem, i3 + (i5 << 2), 0ul, 230u), 233u);
                i5 = i5 + 1u;
            } while (i5 < 12u);
        }
    }
    i7 = i3;
    i8 = fn0(m, mem, i4 + 16u, 11u);
    i32_store(m, mem, i7, 128ul, i8, 260u);
    i9 = i3;
    i10 = fn0(m, mem, i3, 5u);
    i32_store(m, mem, i9, 132ul, i10, 272u);
    i32_store(m, mem, i4, 0ul, i4 + 20u, 283u);
    i32_store(m, mem, i4, 4ul, 3u, 290u);
    i11 = i3;
    i12 = fn1(m, mem, i4);
    i32_store(m, mem, i11, 136ul, i12, 299u);
    v128_store(m, mem, i4, 80ul, v128_load16_splat(m, mem, i4, 18ul, 307u), 311u);
    v128_store(m, mem, i3, 144ul, v128_load(m, mem, i4, 83ul, 319u), 323u);
    i64_store16(m, mem, i4, 97ul, i64_load32_s(m, mem, i4, 21ul, 332u), 335u);
    f64_store(m, mem, i4, 104ul, (double)i32_load8_u(m, mem, i4, 22ul, 342u), 346u);
    v128_store64_lane(m, mem, i4, 113ul, v128_load(m, mem, i4, 96ul, 353u), 1u, 357u);
    i6 = i4;
    if ((i0 & 1u) != 0) {
        i6 = i3 + 8u;
    }
    i64_store(m, mem, i3, 160ul, i64_load(m, mem, i6, 24ul, 385u), 388u);
    f32_store(m, mem, i3, 168ul, (float)(s32)i32_load(m, mem, i6, 40ul, 396u), 400u);
    memory_copy(m, mem, i3 + 176u, i4 + 64u, 64u, 419u);
    m->globals[0].i32 = i4 + 128u;
}

static void e3(instance *m, value *s)
{
    fn3(m, m->memory, s[0].i32, s[1].i32, s[2].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {3u, 0u, e3},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
