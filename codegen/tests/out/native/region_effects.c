__attribute__((nomerge)) static void fn1(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7, u32 a8);

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


/* store */
static void fn1(instance *restrict m, u8 *mem, u32 i0, u32 i1)
{
    i32_store(m, mem, i0, 8ul, i1, 116u);
}

/* function 2 */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3, u32 i4, u32 i5)
{
    u32 i6 = 0;
    u32 i7 = 0;
    u32 i8 = 0;
    u32 i9;
    check_stack(m, 122u);
    i6 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i6;
    i32_store(m, mem, i6, 12ul, 0u, 140u);
    i32_store(m, mem, i6, 8ul, i2, 147u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 154u), 34u, i6, i6 + 12u, i6 + 8u, i6 + 4u, 1u, 1u);
    i7 = i32_load(m, mem, i6, 12ul, 184u);
    i8 = ((i7 & 1u) != 0) ? i3 : i4;
    do {
        fn1(m, mem, i8 + (i7 << 2), i32_load(m, mem, i5 + (i7 << 2), 0ul, 219u));
        i32_store(m, mem, 0u, 2000ul, 1u, 228u);
        i9 = i32_atomic_rmw_add(m, mem, 3000u, 0ul, i32_load8_u(m, mem, i32_load(m, mem, i5, 0ul, 237u), 0ul, 240u), 243u);
        i7 = i7 + 1u;
    } while ((s32)i7 <= (s32)i32_load(m, mem, i6, 8ul, 257u));
    m->globals[0].i32 = i6 + 16u;
}

static void e2(instance *m, value *s)
{
    fn2(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32, s[4].i32, s[5].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {2u, 0u, e2},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
