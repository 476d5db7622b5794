__attribute__((nomerge)) static void fn4(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);

static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3)
{
    value s[4];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    if (__builtin_expect(m->call(m, 0u, s), 0))
        m->unwind(m);
}


/* __omp_offloading_1_2_main_l3 */
static void fn4(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1 = 0;
    check_stack(m, 222u);
    i1 = m->globals[0].i32 - 160u;
    m->globals[0].i32 = i1;
    i32_store(m, mem, i1, 140ul, 0u, 241u);
    i32_store(m, mem, i1, 0ul, i1 + 140u, 253u);
    i32_store(m, mem, i1, 4ul, i1 + 12u, 263u);
    i32_store(m, mem, i1, 8ul, i0, 270u);
    host0(m, mem, 0u, 3u, 1u, i1);
    if (i32_load(m, mem, i1, 140ul, 285u) > 1u) {
        i32_store(m, mem, i0, 1024ul, i32_load(m, mem, i1, 16ul, 298u), 301u);
    }
    i32_store(m, mem, i0, 1028ul, i32_load(m, mem, i1, 140ul, 310u), 314u);
    m->globals[0].i32 = i1 + 160u;
}

static void e4(instance *m, value *s)
{
    fn4(m, m->memory, s[0].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {4u, 0u, e4},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
