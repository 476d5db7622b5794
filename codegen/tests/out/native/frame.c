__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem);
__attribute__((nomerge)) static void fn1(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* overflow */
static void fn0(instance *restrict m, u8 *mem)
{
    trap(m, 1u, 72u);
}

/* function 1 */
static void fn1(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    u32 i4 = 0;
    check_stack(m, 75u);
    i3 = m->globals[0].i32 - 32u;
    i4 = i3;
    if ((s32)(i4 - m->globals[1].i32) < (s32)0u) {
        fn0(m, mem);
        trap(m, 1u, 99u);
    }
    m->globals[0].i32 = i4;
    i32_store(m, mem, i3, 12ul, i0, 109u);
    f64_store(m, mem, i3, 16ul, (double)i0, 117u);
    i32_store8(m, mem, i3, 8ul, 65409u, 126u);
    i32_store(m, mem, i0 * 16u, 0ul, i32_load(m, mem, i3, 12ul, 136u) + i32_load8_s(m, mem, i3, 8ul, 141u), 145u);
    f64_store(m, mem, i0 * 16u, 8ul, f64_load(m, mem, i3 + 16u, 0ul, 158u), 161u);
    m->globals[0].i32 = i3 + 32u;
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
