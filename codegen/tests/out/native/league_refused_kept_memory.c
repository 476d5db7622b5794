__attribute__((nomerge)) static void fn1(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static u32 host0(instance *restrict m, u8 *mem, u32 a0, u32 a1);

static u32 host0(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 0u, s), 0))
        m->unwind(m);
    return s[0].i32;
}


/* __omp_offloading_1_2_main_l3 */
static void fn1(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1 = 0;
    u32 i2 = 0;
    u32 i3;
    check_stack(m, 74u);
    do {
        i3 = host0(m, mem, 8u, 1u);
        i1 = i3;
        i32_store(m, mem, i1, 0ul, i2, 91u);
        i2 = i1;
    } while (i32_load(m, mem, i0, 8ul, 100u) != 0);
    i32_store(m, mem, i0, 0ul, i32_load(m, mem, i2, 0ul, 110u), 113u);
}

static void e1(instance *m, value *s)
{
    fn1(m, m->memory, s[0].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {1u, 0u, e1},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
