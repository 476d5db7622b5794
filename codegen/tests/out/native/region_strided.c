__attribute__((nomerge)) static void fn1(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);
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


/* function 1 */
static void fn1(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3)
{
    u32 i4 = 0;
    u32 i5 = 0;
    u32 i6 = 0;
    u32 i7 = 0;
    check_stack(m, 104u);
    i4 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i4;
    i32_store(m, mem, i4, 12ul, 0u, 122u);
    i32_store(m, mem, i4, 8ul, i2 - 1u, 132u);
    i32_store(m, mem, i4, 4ul, 1u, 139u);
    i32_store(m, mem, i4, 0ul, 0u, 146u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 153u), 33u, i4, i4 + 12u, i4 + 8u, i4 + 4u, 1u, 1u);
    i6 = i32_load(m, mem, i4, 8ul, 187u);
    i6 = ((s32)i6 < (s32)i2) ? i6 : i2;
    i32_store(m, mem, i4, 8ul, i6, 202u);
    i7 = i32_load(m, mem, i4, 4ul, 207u);
    i5 = i32_load(m, mem, i4, 12ul, 214u);
    if ((s32)i5 > (s32)i6) {
        goto label1;
    }
    do {
        i32_store(m, mem, i3 + (i5 << 2), 0ul, i5, 236u);
        i5 = i5 + i7;
    } while ((s32)i5 <= (s32)i6);
label1:;
    m->globals[0].i32 = i4 + 16u;
}

static void e1(instance *m, value *s)
{
    fn1(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {1u, 0u, e1},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
