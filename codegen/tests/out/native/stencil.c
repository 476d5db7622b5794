__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    u32 i4 = 0;
    u32 i5 = 0;
    i3 = 64u + (i0 * 512u);
    i4 = i3 + 0x10000u;
    i5 = 30u;
    {
        u64 n1 = trips32_down(29u, 1u, 0u);
        u32 a1_0 = (i0 * 512u) + 64u; PIN(a1_0);
        reach r1_0 = moved(just(a1_0), 4, n1);
        u32 a1_1 = (i0 * 512u) + 0x10040u; PIN(a1_1);
        reach r1_1 = moved(just(a1_1), 8, n1);
        if (counts(n1) && stays(r1_0, 0, 0) && stays(r1_1, 0, 0)) {
            u8 *p1_0 = mem + (u64)a1_0;
            u8 *p1_1 = mem + (u64)a1_1;
            s64 k1 = 0;
            do {
                f64_store_at(p1_1 + k1 * 8, (double)(s32)((i32_load_at(p1_0 + k1 * 4) + i32_load_at(p1_0 + k1 * 4 + 8l)) - (i32_load_at(p1_0 + k1 * 4 + 4l) << 1)));
                i3 = i3 + 4u;
                i4 = i4 + 8u;
                i5 = i5 - 1u;
            } while (++k1 != (s64)n1);
        } else {
            do {
                f64_store(m, mem, i4, 0ul, (double)(s32)((i32_load(m, mem, i3, 0ul, 85u) + i32_load(m, mem, i3, 8ul, 90u)) - (i32_load(m, mem, i3, 4ul, 96u) << 1)), 104u);
                i3 = i3 + 4u;
                i4 = i4 + 8u;
                i5 = i5 - 1u;
            } while (i5 != 0);
        }
    }
}

static void e0(instance *m, value *s)
{
    fn0(m, m->memory, s[0].i32, s[1].i32, s[2].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {0u, 0u, e0},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
