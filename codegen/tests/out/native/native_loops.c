__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5);


static inline __attribute__((always_inline)) void loop0_1(instance *restrict m, u8 *mem, u64 n1, u32 a1_0, u8 *restrict c1_0, u32 a1_1, u8 *restrict c1_1, u32 i3, u32 i4, u32 *to_i6, u32 *to_i7)
{
    u32 i6 = *to_i6;
    u32 i7 = *to_i7;
    u8 *p1_0 = c1_0;
    u8 *p1_1 = c1_1;
    s64 k1 = 0;
    do {
        i7 = i6 << 3;
        f64_store_at(p1_1 + k1 * 8, f64_load_at(p1_0 + k1 * 8) + f64_load_at(p1_0 + k1 * 8 + 16l));
        i6 = i6 + 1u;
    } while (++k1 != (s64)n1);
    *to_i6 = i6;
    *to_i7 = i7;
}

static inline __attribute__((always_inline)) void loop0_6(instance *restrict m, u8 *mem, u64 n6, u32 a6_0, u8 *restrict c6_0, u32 a6_1, u8 *restrict c6_1, u32 *to_i3, u32 *to_i6)
{
    u32 i3 = *to_i3;
    u32 i6 = *to_i6;
    u8 *p6_0 = c6_0;
    u8 *p6_1 = c6_1;
    u32 h6_1 = i32_load_at(p6_1 + 0l);
    s64 k6 = 0;
    do {
        i32_store_at(p6_0 + k6 * 4, i6);
        i3 = i3 + 4u;
        i6 = i6 + 1u;
    } while (++k6 != (s64)n6);
    *to_i3 = i3;
    *to_i6 = i6;
}

/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3, u32 i4, u32 i5)
{
    u32 i6 = 0;
    u32 i7 = 0;
    double d8 = 0;
    u64 l9 = 0;
    u32 i10 = 0;
    {
        u64 n1 = trips32_up(i6 + 1u, 1u, i5); PIN(n1);
        u32 a1_0 = (i4 + (i6 * 8u)) + (u32)-8; PIN(a1_0);
        reach r1_0 = moved(just(a1_0), 8, n1);
        u32 a1_1 = i3 + (i6 * 8u); PIN(a1_1);
        reach r1_1 = moved(just(a1_1), 8, n1);
        if (counts(n1) && stays(r1_0, 0, 8) && stays(r1_1, 0, 0) && apart(r1_0, 0, 24, r1_1, 0, 8)) {
            loop0_1(m, mem, n1, a1_0, mem + (u64)a1_0, a1_1, mem + (u64)a1_1, i3, i4, &i6, &i7);
        } else {
            do {
                i7 = i6 << 3;
                f64_store(m, mem, i3 + i7, 0ul, f64_load(m, mem, (i4 + i7) - 8u, 0ul, 86u) + f64_load(m, mem, i4 + i7, 8ul, 94u), 98u);
                i6 = i6 + 1u;
            } while (i6 != i5);
        }
    }
    i7 = i3;
    i6 = i5;
    {
        u64 n2 = trips32_down(i5 + (u32)-1, 1u, 0u); PIN(n2);
        u32 a2_0 = i3; PIN(a2_0);
        s64 s2_0_2 = (s32)i2; PIN(s2_0_2);
        reach r2_0 = moved_by(just(a2_0), s2_0_2, n2);
        if (counts(n2) && stays(r2_0, 0, 0)) {
            u8 *p2_0 = mem + (u64)a2_0;
            s64 k2 = 0;
            do {
                d8 = d8 + f64_load_at(p2_0 + k2 * s2_0_2);
                i7 = i7 + i2;
                i6 = i6 - 1u;
            } while (++k2 != (s64)n2);
        } else {
            do {
                d8 = d8 + f64_load(m, mem, i7, 0ul, 128u);
                i7 = i7 + i2;
                i6 = i6 - 1u;
            } while (i6 != 0);
        }
    }
    {
        u64 n4 = trips64_lt_s(l9 + 2ul, 2u, (u64)i5); PIN(n4);
        u32 a4_0 = i4 + (u32)l9; PIN(a4_0);
        reach r4_0 = moved(just(a4_0), 2, n4);
        u32 a4_1 = i3; PIN(a4_1);
        reach r4_1 = just(a4_1);
        if (counts(n4) && stays(r4_0, 0, 0)) {
            u8 *p4_0 = mem + (u64)a4_0;
            u8 *p4_1 = mem + (u64)a4_1;
            s64 k4 = 0;
            do {
                i10 = i4 + (u32)l9;
                if (i32_load8_u_at(p4_0 + k4 * 2) == 0) {
                    goto label3;
                }
                if (i32_load8_u_at(p4_0 + k4 * 2 + 1l) != 0) {
                    i7 = i10;
                }
                i32_store8(m, mem, i7, 0ul, 7u, 185u);
                f64_store_at(p4_1, d8);
                l9 = l9 + 2ul;
            } while (++k4 != (s64)n4);
        } else {
            do {
                i10 = i4 + (u32)l9;
                if (i32_load8_u(m, mem, i10, 0ul, 163u) == 0) {
                    goto label3;
                }
                if (i32_load8_u(m, mem, i10, 1ul, 171u) != 0) {
                    i7 = i10;
                }
                i32_store8(m, mem, i7, 0ul, 7u, 185u);
                f64_store(m, mem, i3, 0ul, d8, 192u);
                l9 = l9 + 2ul;
            } while ((s64)l9 < (s64)(u64)i5);
        }
    }
label3:;
    {
        u64 n6 = trips32_lt_u(i6 + 1u, 1u, __extension__ ({ u32 at = i4; (u64)at + 0ul + 4 <= m->memory_bytes ? i32_load(m, mem, at, 0ul, 235u) : 0; })); PIN(n6);
        u32 a6_0 = i3; PIN(a6_0);
        reach r6_0 = moved(just(a6_0), 4, n6);
        u32 a6_1 = i4; PIN(a6_1);
        reach r6_1 = just(a6_1);
        if (counts(n6) && stays(r6_0, 0, 0) && (u64)a6_1 + 4 <= m->memory_bytes && apart(r6_0, 0, 4, r6_1, 0, 4)) {
            loop0_6(m, mem, n6, a6_0, mem + (u64)a6_0, a6_1, mem + (u64)a6_1, &i3, &i6);
        } else {
            do {
                i32_store(m, mem, i3, 0ul, i6, 216u);
                i3 = i3 + 4u;
                i6 = i6 + 1u;
            } while (i6 < i32_load(m, mem, i4, 0ul, 235u));
        }
    }
}

static void e0(instance *m, value *s)
{
    fn0(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32, s[4].i32, s[5].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {0u, 0u, e0},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
