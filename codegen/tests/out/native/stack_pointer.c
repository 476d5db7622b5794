__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    u32 i4 = 0;
    u32 i5;
    u32 i6;
    i3 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i3;
    i32_store(m, mem, i3, 0ul, 1u, 77u);
    i4 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i4;
    i32_store(m, mem, i4, 0ul, 2u, 93u);
    i32_store(m, mem, i0 * 8u, 0ul, i32_load(m, mem, i3, 0ul, 103u), 106u);
    i5 = i0 * 8u;
    i6 = i0;
    i0 = 7u;
    if (i1 != 0) {
        goto label1;
    }
label1:;
    i32_store(m, mem, i5, 4ul, i6, 130u);
    m->globals[0].i32 = i4 + 32u;
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
