__attribute__((nomerge)) static void fn3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);
__attribute__((nomerge)) static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1);

static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
    return s[0].i32;
}


/* function 3 */
static void fn3(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3;
    check_stack(m, 153u);
    i3 = host1(m, mem, i2, 2048u);
}

static void e3(instance *m, value *s)
{
    fn3(m, m->memory, s[0].i32, s[1].i32, s[2].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {3u, 0u, e3},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
