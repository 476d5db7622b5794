__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    vector v4 = {0};
    i3 = i0 * 32u;
    v4 = i32x4_splat(i0) & ((vector){0x1u, 0x2u, 0x3u, 0xffffffffu});
    v128_store(m, mem, i3, 0ul, i8x16_shuffle(v4, v128_not(v4), 0u, 1u, 2u, 3u, 16u, 17u, 18u, 19u, 4u, 5u, 6u, 7u, 20u, 21u, 22u, 23u), 115u);
    v128_store32_lane(m, mem, i3, 16ul, v128_load16x4_s(m, mem, i3, 0ul, 123u), 2u, 127u);
    i32_store(m, mem, i3, 20ul, i16x8_extract_lane_s(v128_load8_splat(m, mem, i3, 4ul, 136u), 3u), 143u);
    f64_store(m, mem, i3, 24ul, f64x2_extract_lane(f64x2_convert_low_i32x4_s(v4), 1u), 156u);
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
