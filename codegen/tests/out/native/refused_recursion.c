__attribute__((nomerge)) static u32 fn0(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static u32 fn1(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* even */
static u32 fn0(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    u32 i2;
    u32 i3;
    check_stack(m, 58u);
    if (i0 != 0) {
        i3 = fn1(m, mem, i0 - 1u);
        i2 = i3;
    } else {
        i2 = 1u;
    }
    i1 = i2;
    return i1;
}

/* odd */
static u32 fn1(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    u32 i2;
    u32 i3;
    check_stack(m, 76u);
    if (i0 != 0) {
        i3 = fn0(m, mem, i0 - 1u);
        i2 = i3;
    } else {
        i2 = 0u;
    }
    i1 = i2;
    return i1;
}

/* function 2 */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3;
    check_stack(m, 94u);
    i3 = fn0(m, mem, i0);
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
