__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5);


static inline __attribute__((always_inline)) void loop0_5(instance *restrict m, u8 *mem, u64 n5, u32 a5_0, u8 *restrict c5_0, u32 a5_1, u8 *restrict c5_1, u32 i2, u32 i3, u32 i4, u32 i13, u32 *to_i6, u32 *to_i7, u32 *to_i8)
{
    u32 i6 = *to_i6;
    u32 i7 = *to_i7;
    u32 i8 = *to_i8;
    u8 *p5_0 = c5_0;
    u8 *p5_1 = c5_1;
    s64 k5 = 0;
    do {
        i7 = i13;
        i8 = i6 - (i7 * i2);
        f64_store_at(p5_1 + k5 * 8, f64_load_at(p5_0 + k5 * 8));
        i6 = i6 + 1u;
    } while (++k5 != (s64)n5);
    *to_i6 = i6;
    *to_i7 = i7;
    *to_i8 = i8;
}

/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3, u32 i4, u32 i5)
{
    u32 i6 = 0;
    u32 i7 = 0;
    u32 i8 = 0;
    u64 l9 = 0;
    u64 l10 = 0;
    u64 l11 = 0;
    u64 l12 = 0;
    u32 i13;
    u32 i14;
    u32 i15;
    u32 i16;
    u64 l17;
    u64 l18;
    u64 l19;
    u64 l20;
    u64 l21;
    u64 l22;
    u64 l23;
    u64 l24;
    u32 i25;
    u32 i26;
    u32 i27;
    u32 i28;
    do {
        i13 = i32_div_s(m, mem, i6, i2, 68u);
        i14 = i13 * i2;
        i15 = (((u32)((s32)i2 > (s32)0u) & (u32)(i6 <= (0x7fffffffu - i2))) != 0) ? ((i2 - 1u) - (i6 - i14)) : 0u;
        i16 = (i6 + 1u) + ((((i5 - i6) + (u32)-1) < i15) ? ((i5 - i6) + (u32)-1) : i15);
        {
            u64 n5 = trips32_up(i6 + 1u, 1u, i16); PIN(n5);
            u32 a5_0 = (i4 + (i6 * 8u)) + ((i13 * i2) * (u32)-8); PIN(a5_0);
            reach r5_0 = moved(just(a5_0), 8, n5);
            u32 a5_1 = ((i3 + (i13 * 1024u)) + (i6 * 8u)) + ((i13 * i2) * (u32)-8); PIN(a5_1);
            reach r5_1 = moved(just(a5_1), 8, n5);
            if (counts(n5) && stays(r5_0, 0, 0) && stays(r5_1, 0, 0) && apart(r5_0, 0, 8, r5_1, 0, 8)) {
                loop0_5(m, mem, n5, a5_0, mem + (u64)a5_0, a5_1, mem + (u64)a5_1, i2, i3, i4, i13, &i6, &i7, &i8);
            } else {
                do {
                    i7 = i13;
                    i8 = i6 - (i7 * i2);
                    f64_store(m, mem, i3 + ((i7 << 10) + (i8 << 3)), 0ul, f64_load(m, mem, i4 + (i8 << 3), 0ul, 103u), 106u);
                    i6 = i6 + 1u;
                } while (i6 != i16);
            }
        }
    } while (i6 != i5);
    l12 = (u64)(s64)(s32)i2;
    do {
        l17 = i64_div_s(m, mem, l9, l12 * l12, 136u);
        l18 = l17 * (l12 * l12);
        l19 = (((u32)((s64)(l12 * l12) > (s64)0ul) & (u32)(l9 <= (0x7ffffffffffffffful - (l12 * l12)))) != 0) ? (((l12 * l12) - 1ul) - (l9 - l18)) : 0ul;
        l20 = (l9 + 1ul) + (((((u64)i5 - l9) + (u64)-1l) < l19) ? (((u64)i5 - l9) + (u64)-1l) : l19);
        do {
            l21 = i64_div_s(m, mem, l9 - (l17 * (l12 * l12)), l12, 156u);
            l22 = l21 * l12;
            l23 = (((u32)((s64)l12 > (s64)0ul) & (u32)((l9 - (l17 * (l12 * l12))) <= (0x7ffffffffffffffful - l12))) != 0) ? ((l12 - 1ul) - ((l9 - (l17 * (l12 * l12))) - l22)) : 0ul;
            l24 = (l9 + 1ul) + ((((l20 - l9) + (u64)-1l) < l23) ? ((l20 - l9) + (u64)-1l) : l23);
            {
                u64 n7 = trips64_up(l9 + 1ul, 1u, l24); PIN(n7);
                u32 a7_0 = (((i3 + ((u32)l21 * 128u)) + ((u32)l9 * 4u)) + ((u32)(l17 * ((u64)(s64)(s32)i2 * (u64)(s64)(s32)i2)) * (u32)-4)) + ((u32)(l21 * (u64)(s64)(s32)i2) * (u32)-4); PIN(a7_0);
                reach r7_0 = moved(just(a7_0), 4, n7);
                if (counts(n7) && stays(r7_0, 0, 0)) {
                    u8 *p7_0 = mem + (u64)a7_0;
                    s64 k7 = 0;
                    do {
                        l10 = l17;
                        l11 = l9 - (l10 * (l12 * l12));
                        l10 = l21;
                        i32_store_at(p7_0 + k7 * 4, (u32)l11);
                        l9 = l9 + 1ul;
                    } while (++k7 != (s64)n7);
                } else {
                    do {
                        l10 = l17;
                        l11 = l9 - (l10 * (l12 * l12));
                        l10 = l21;
                        i32_store(m, mem, i3 + (u32)((l10 << 7) + ((l11 - (l10 * l12)) << 2)), 0ul, (u32)l11, 183u);
                        l9 = l9 + 1ul;
                    } while (l9 != l24);
                }
            }
        } while (l9 != l20);
    } while (l9 != (u64)i5);
    i6 = 0u;
    do {
        i25 = i32_rem_u(m, mem, i6, i2, 212u);
        i26 = i6 - i25;
        i27 = (i6 <= ((u32)-1 - i2)) ? ((i2 - 1u) - (i6 - i26)) : 0u;
        i28 = (i6 + 1u) + ((((i5 - i6) + (u32)-1) < i27) ? ((i5 - i6) + (u32)-1) : i27);
        {
            u64 n8 = trips32_up(i6 + 1u, 1u, i28); PIN(n8);
            u32 a8_0 = i3 + i25; PIN(a8_0);
            reach r8_0 = moved(just(a8_0), 1, n8);
            if (counts(n8) && stays(r8_0, 0, 0)) {
                u8 *p8_0 = mem + (u64)a8_0;
                s64 k8 = 0;
                do {
                    i32_store8_at(p8_0 + k8 * 1, 1u);
                    i6 = i6 + 1u;
                } while (++k8 != (s64)n8);
            } else {
                do {
                    i32_store8(m, mem, i3 + (i6 - i26), 0ul, 1u, 216u);
                    i6 = i6 + 1u;
                } while (i6 != i28);
            }
        }
    } while (i6 != i5);
    i6 = 0u;
    do {
        i32_store8(m, mem, i3 + i32_div_u(m, mem, i6, 3u, 244u), 0ul, 1u, 248u);
        i6 = i6 + 1u;
    } while (i6 != i5);
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
