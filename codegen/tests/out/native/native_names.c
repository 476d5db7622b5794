__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i8 = 0;
    u32 i9 = 0;
    u32 i16 = 0;
    u32 i32 = 0;
    u32 i64 = 0;
    vector v128 = {0};
    i64 = 0x10000u + (i0 * 1024u);
    i8 = i32_load(m, mem, i64, 0ul, 73u);
    i16 = i32_extend8_s(i8);
    i32 = i32_extend16_s(i8);
    v128 = v128_load(m, mem, i64, 0ul, 90u);
    do {
        v128 = i8x16_shuffle(v128, v128, 15u, 0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u, 10u, 11u, 12u, 13u, 14u);
        i9 = i9 + 1u;
    } while (i9 < (i8 & 15u));
    v128_store(m, mem, i64, 0ul, i8x16_shuffle(v128, i32x4_splat(i32), 0u, 17u, 2u, 19u, 4u, 21u, 6u, 23u, 8u, 25u, 10u, 27u, 12u, 29u, 14u, 31u), 169u);
    i64_store(m, mem, i64, 16ul, (u64)(s64)(s32)i16, 178u);
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
