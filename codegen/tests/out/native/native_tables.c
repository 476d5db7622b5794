__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7, u32 a8, u32 a9, u32 a10, u32 a11, u32 a12);


static inline __attribute__((always_inline)) void loop0_2(instance *restrict m, u8 *mem, u64 n2, u64 n3, u32 a2_0, u8 *restrict c2_0, u32 a2_1, s64 s2_1_2, u8 *restrict c2_1, u32 a2_2, u8 *restrict c2_2, u32 i8, u32 i9, u32 i10, u32 i11, u32 *to_i13, u32 *to_i14, double *to_d16)
{
    u32 i13 = *to_i13;
    u32 i14 = *to_i14;
    double d16 = *to_d16;
    u8 *p2_0 = c2_0;
    u8 *p2_1 = c2_1;
    u8 *p2_2 = c2_2;
    double h2_0 = f64_load_at(p2_0 + 0l);
    s64 k2 = 0;
    do {
        h2_0 = f64_reinterpret_i64(0ul);
        d16 = 0.0;
        i14 = i13 * i8;
        {
            s64 k3 = 0;
            do {
                d16 = d16 + (double)(s32)i32_load_at(p2_1 + k2 * s2_1_2 + k3 * 4);
                h2_0 = d16;
                i14 = i14 + 1u;
            } while (++k3 != (s64)n3);
        }
        f64_store_at(p2_2 + k2 * 8, h2_0);
        i13 = i13 + 1u;
    } while (++k2 != (s64)n2);
    f64_store_at(p2_0 + 0l, h2_0);
    *to_i13 = i13;
    *to_i14 = i14;
    *to_d16 = d16;
}

/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3, u32 i4, u32 i5, u32 i6, u32 i7, u32 i8, u32 i9, u32 i10, u32 i11, u32 i12)
{
    u32 i13 = 0;
    u32 i14 = 0;
    u32 i15 = 0;
    double d16 = 0;
    i32_store(m, mem, i3, 0ul, 8192u, 74u);
    i32_store(m, mem, i4, 0ul, 15u, 81u);
    i32_store(m, mem, i5, 0ul, 90u, 89u);
    i32_store(m, mem, i6, 0ul, 3u, 96u);
    {
        u64 n1 = trips32_lt_s(i13 + 1u, 1u, i32_div_s(m, mem, __extension__ ({ u32 at = i5; (u64)at + 0ul + 4 <= m->memory_bytes ? i32_load(m, mem, at, 0ul, 150u) : 0; }), ((__extension__ ({ u32 at = i6; (u64)at + 0ul + 4 <= m->memory_bytes ? i32_load(m, mem, at, 0ul, 155u) : 0; }) + 1u) > 1u) ? __extension__ ({ u32 at = i6; (u64)at + 0ul + 4 <= m->memory_bytes ? i32_load(m, mem, at, 0ul, 155u) : 0; }) : 1u, 158u)); PIN(n1);
        u32 a1_0 = i7; PIN(a1_0);
        reach r1_0 = just(a1_0);
        u32 a1_1 = i3; PIN(a1_1);
        reach r1_1 = just(a1_1);
        u32 a1_2 = i4; PIN(a1_2);
        reach r1_2 = just(a1_2);
        u32 a1_3 = i5; PIN(a1_3);
        reach r1_3 = just(a1_3);
        u32 a1_4 = i6; PIN(a1_4);
        reach r1_4 = just(a1_4);
        u32 a1_t0 = __extension__ ({ u32 at = i3; (u64)at + 0ul + 4 <= m->memory_bytes ? i32_load(m, mem, at, 0ul, 121u) : 0; }); PIN(a1_t0);
        u64 b1_t0_0 = __extension__ ({ u32 at = i4; (u64)at + 0ul + 4 <= m->memory_bytes ? i32_load(m, mem, at, 0ul, 128u) : 0; }); PIN(b1_t0_0);
        reach r1_t0 = spread(just(a1_t0), b1_t0_0, 4ul);
        if (counts(n1) && (__extension__ ({ u32 at = i6; (u64)at + 0ul + 4 <= m->memory_bytes ? i32_load(m, mem, at, 0ul, 155u) : 0; }) + 1u) > 1u && stays(r1_t0, 0, 0) && (u64)a1_0 + 4 <= m->memory_bytes && apart(r1_0, 0, 4, r1_t0, 0, 4) && (u64)a1_1 + 4 <= m->memory_bytes && apart(r1_1, 0, 4, r1_t0, 0, 4) && (u64)a1_2 + 4 <= m->memory_bytes && apart(r1_2, 0, 4, r1_t0, 0, 4) && (u64)a1_3 + 4 <= m->memory_bytes && apart(r1_3, 0, 4, r1_t0, 0, 4) && (u64)a1_4 + 4 <= m->memory_bytes && apart(r1_4, 0, 4, r1_t0, 0, 4) && apart(r1_0, 0, 4, r1_1, 0, 4) && apart(r1_0, 0, 4, r1_2, 0, 4) && apart(r1_0, 0, 4, r1_3, 0, 4) && apart(r1_0, 0, 4, r1_4, 0, 4)) {
            u8 *p1_0 = mem + (u64)a1_0;
            u8 *p1_1 = mem + (u64)a1_1;
            u8 *p1_2 = mem + (u64)a1_2;
            u8 *p1_3 = mem + (u64)a1_3;
            u8 *p1_4 = mem + (u64)a1_4;
            u32 h1_0 = i32_load_at(p1_0 + 0l);
            u32 h1_1 = i32_load_at(p1_1 + 0l);
            u32 h1_2 = i32_load_at(p1_2 + 0l);
            u32 h1_3 = i32_load_at(p1_3 + 0l);
            u32 h1_4 = i32_load_at(p1_4 + 0l);
            s64 k1 = 0;
            do {
                i15 = (h1_0 * 5u) + i13;
                h1_0 = i15;
                i32_store(m, mem, h1_1 + ((i15 & h1_2) << 2), 0ul, i15, 138u);
                i13 = i13 + 1u;
            } while (++k1 != (s64)n1);
            i32_store_at(p1_0 + 0l, h1_0);
        } else {
            do {
                i15 = (i32_load(m, mem, i7, 0ul, 105u) * 5u) + i13;
                i32_store(m, mem, i7, 0ul, i15, 116u);
                i32_store(m, mem, i32_load(m, mem, i3, 0ul, 121u) + ((i15 & i32_load(m, mem, i4, 0ul, 128u)) << 2), 0ul, i15, 138u);
                i13 = i13 + 1u;
            } while ((s32)i13 < (s32)i32_div_s(m, mem, i32_load(m, mem, i5, 0ul, 150u), i32_load(m, mem, i6, 0ul, 155u), 158u));
        }
    }
    i13 = 0u;
    {
        u64 n2 = trips32_up(1u, 1u, 6u);
        u64 n3 = trips32_lt_s(1u, 1u, i8); PIN(n3);
        u32 a2_0 = i10; PIN(a2_0);
        reach r2_0 = just(a2_0);
        u32 a2_1 = i9; PIN(a2_1);
        s64 s2_1_2 = (s32)(i8 * 4u); PIN(s2_1_2);
        reach r2_1 = moved(moved_by(just(a2_1), s2_1_2, n2), 4, n3);
        u32 a2_2 = i11; PIN(a2_2);
        reach r2_2 = moved(just(a2_2), 8, n2);
        u64 a2_u0 = 1u;
        s64 s2_u0_2 = (s32)i8; PIN(s2_u0_2);
        u64 a2_u1 = i8; PIN(a2_u1);
        s64 s2_u1_2 = (s32)i8; PIN(s2_u1_2);
        if (counts(n2) && counts(n3) && stays(r2_1, 0, 0) && stays(r2_2, 0, 0) && steady32_s(moved_64(just_64((s32)a2_u0), s2_u0_2, n2), 1) && steady32_s(moved_64(just_64((s32)a2_u1), s2_u1_2, n2), 1) && (u64)a2_0 + 8 <= m->memory_bytes && apart(r2_0, 0, 8, r2_1, 0, 4) && apart(r2_0, 0, 8, r2_2, 0, 8) && apart(r2_1, 0, 4, r2_2, 0, 8)) {
            loop0_2(m, mem, n2, n3, a2_0, mem + (u64)a2_0, a2_1, s2_1_2, mem + (u64)a2_1, a2_2, mem + (u64)a2_2, i8, i9, i10, i11, &i13, &i14, &d16);
        } else {
            do {
                i64_store(m, mem, i10, 0ul, 0ul, 173u);
                d16 = 0.0;
                i14 = i13 * i8;
                {
                    u64 n3 = trips32_lt_s((i13 * i8) + 1u, 1u, (i13 + 1u) * i8); PIN(n3);
                    u32 a3_0 = i9 + ((i13 * i8) * 4u); PIN(a3_0);
                    reach r3_0 = moved(just(a3_0), 4, n3);
                    u32 a3_1 = i10; PIN(a3_1);
                    reach r3_1 = just(a3_1);
                    if (counts(n3) && stays(r3_0, 0, 0) && (u64)a3_1 + 8 <= m->memory_bytes && apart(r3_0, 0, 4, r3_1, 0, 8)) {
                        u8 *p3_0 = mem + (u64)a3_0;
                        u8 *p3_1 = mem + (u64)a3_1;
                        double h3_1 = f64_load_at(p3_1 + 0l);
                        s64 k3 = 0;
                        do {
                            d16 = d16 + (double)(s32)i32_load_at(p3_0 + k3 * 4);
                            h3_1 = d16;
                            i14 = i14 + 1u;
                        } while (++k3 != (s64)n3);
                        f64_store_at(p3_1 + 0l, h3_1);
                    } else {
                        do {
                            d16 = d16 + (double)(s32)i32_load(m, mem, i9 + (i14 << 2), 0ul, 208u);
                            f64_store(m, mem, i10, 0ul, d16, 215u);
                            i14 = i14 + 1u;
                        } while ((s32)i14 < (s32)((i13 + 1u) * i8));
                    }
                }
                f64_store(m, mem, i11 + (i13 << 3), 0ul, f64_load(m, mem, i10, 0ul, 247u), 250u);
                i13 = i13 + 1u;
            } while (i13 != 6u);
        }
    }
}

static void e0(instance *m, value *s)
{
    fn0(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32, s[4].i32, s[5].i32, s[6].i32, s[7].i32, s[8].i32, s[9].i32, s[10].i32, s[11].i32, s[12].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {0u, 0u, e0},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
