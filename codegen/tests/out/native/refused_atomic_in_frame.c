__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn1(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* swap */
static void fn0(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    i1 = i32_atomic_rmw8_cmpxchg_u(m, mem, i0, 0ul, 0u, 1u, 73u);
}

/* function 1 */
static void fn1(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    check_stack(m, 80u);
    fn0(m, mem, m->globals[0].i32 - 16u);
}

static void e1(instance *m, value *s)
{
    fn1(m, m->memory, s[0].i32, s[1].i32, s[2].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {1u, 0u, e1},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
