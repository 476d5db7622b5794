__attribute__((nomerge)) static void fn3(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7, u32 a8);
__attribute__((nomerge)) static u32 host1(instance *restrict m, u8 *mem, u32 a0);

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

static u32 host1(instance *restrict m, u8 *mem, u32 a0)
{
    value s[1];
    s[0].i32 = a0;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
    return s[0].i32;
}


/* function 3 */
static void fn3(instance *restrict m, u8 *mem, u32 i0, u32 i1)
{
    u32 i2 = 0;
    u32 i3;
    check_stack(m, 151u);
    i2 = m->globals[0].i32 - 16u;
    i32_store(m, mem, i2, 12ul, 0u, 165u);
    i32_store(m, mem, i2, 8ul, 9u, 172u);
    host0(m, mem, 0u, 0u, 34u, i2, i2 + 12u, i2 + 8u, i2 + 4u, 1u, 1u);
    i3 = host1(m, mem, 65u);
}

static void e3(instance *m, value *s)
{
    fn3(m, m->memory, s[0].i32, s[1].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {3u, 0u, e3},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
