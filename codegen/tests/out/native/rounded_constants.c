__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    float f4 = 0;
    double d5 = 0;
    i3 = 0x10000u + (i0 * 64u);
    i32_store(m, mem, i3, 0ul, 1u, 77u);
    f4 = f32_nearest(((value){.i32 = 0x7fc00000u}).f32);
    i32_store(m, mem, i3, 4ul, (u32)(f4 != f4), 95u);
    d5 = f64_nearest(((value){.i64 = 0x7ff8000000000000ul}).f64);
    i32_store(m, mem, i3, 8ul, (u32)(d5 != d5), 117u);
    f32_store(m, mem, i3, 12ul, f32_nearest(((value){.i32 = 0x7f800000u}).f32), 128u);
    f64_store(m, mem, i3, 16ul, f64_nearest(((value){.i64 = 0xfff0000000000000ul}).f64), 143u);
    f32_store(m, mem, i3, 24ul, f32_nearest(-5000000000.0f), 154u);
    f64_store(m, mem, i3, 32ul, f64_nearest(1e30), 169u);
    f32_store(m, mem, i3, 40ul, f32_nearest(-0.5f), 180u);
    f64_store(m, mem, i3, 48ul, f64_nearest(2.5), 195u);
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
