__attribute__((nomerge)) static u32 fn0(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static u32 fn1(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* second */
static u32 fn0(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    i1 = i32_load(m, mem, i0, 0ul, 61u);
    return i1;
}

/* first */
static u32 fn1(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    u32 i2;
    check_stack(m, 66u);
    i2 = fn0(m, mem, 0u);
    i1 = i32_rem_u(m, mem, i2, i0, 73u);
    return i1;
}

/* function 2 */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3;
    u32 i4;
    check_stack(m, 76u);
    i3 = fn1(m, mem, i0 & 0u);
    i4 = fn0(m, mem, i0 + 0x7fffffffu);
    i32_store(m, mem, 64u, 0ul, i3 + i4, 99u);
}

static void e2(instance *m, value *s)
{
    fn2(m, m->memory, s[0].i32, s[1].i32, s[2].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {2u, 0u, e2},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
