__attribute__((nomerge)) static void fn6(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn8(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);
__attribute__((nomerge)) static u32 host0(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static u32 host1(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void host2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);
__attribute__((nomerge)) static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);

static u32 host0(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 0u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static u32 host1(instance *restrict m, u8 *mem, u32 a0)
{
    value s[1];
    s[0].i32 = a0;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static void host2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3)
{
    value s[4];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    if (__builtin_expect(m->call(m, 2u, s), 0))
        m->unwind(m);
}

static void host3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3)
{
    value s[4];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    if (__builtin_expect(m->call(m, 3u, s), 0))
        m->unwind(m);
}


/* called */
static void fn6(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1 = 0;
    u32 i2;
    check_stack(m, 229u);
    i1 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i1;
    i32_store(m, mem, i1, 0ul, i0, 245u);
    i2 = host0(m, mem, 1031u, i1);
    m->globals[0].i32 = i1 + 16u;
}

/* function 8 */
static void fn8(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3;
    u32 i4;
    check_stack(m, 272u);
    i3 = host0(m, mem, 1024u, 0u);
    i4 = host1(m, mem, 1024u);
    fn6(m, mem, i2);
    host3(m, mem, 0u, 0u, 1u, 0u);
    if (i2 != 0) {
        host2(m, mem, 1024u, 1024u, 7u, 0u);
        trap(m, 1u, 317u);
    }
}

static void e8(instance *m, value *s)
{
    fn8(m, m->memory, s[0].i32, s[1].i32, s[2].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {8u, 0u, e8},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
