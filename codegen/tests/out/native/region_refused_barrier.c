__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static void host1(instance *restrict m, u8 *mem, u32 a0, u32 a1);

static void host1(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
}


/* function 2 */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1)
{
    check_stack(m, 121u);
    host1(m, mem, 0u, 0u);
}

static void e2(instance *m, value *s)
{
    fn2(m, m->memory, s[0].i32, s[1].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {2u, 0u, e2},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
