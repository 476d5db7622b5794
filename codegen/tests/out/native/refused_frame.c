__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    i32_store(m, mem, 0u, 0ul, m->globals[0].i32 - 16u, 69u);
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
