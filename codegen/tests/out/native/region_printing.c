__attribute__((nomerge)) static void fn4(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7, u32 a8);
__attribute__((nomerge)) static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static u32 host2(instance *restrict m, u8 *mem, u32 a0);

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

static u32 host1(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
    return s[0].i32;
}

static u32 host2(instance *restrict m, u8 *mem, u32 a0)
{
    value s[1];
    s[0].i32 = a0;
    if (__builtin_expect(m->call(m, 2u, s), 0))
        m->unwind(m);
    return s[0].i32;
}


/* function 4 */
static void fn4(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3)
{
    u32 i4 = 0;
    u32 i5 = 0;
    u32 i6;
    u32 i7;
    check_stack(m, 175u);
    i4 = m->globals[0].i32 - 80u;
    m->globals[0].i32 = i4;
    i32_store(m, mem, i4, 76ul, 0u, 194u);
    i32_store(m, mem, i4, 72ul, i2, 201u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 208u), 34u, i4 + 64u, i4 + 76u, i4 + 72u, i4 + 68u, 1u, 1u);
    i5 = i32_load(m, mem, i4, 76ul, 245u);
    do {
        if (i32_rem_u(m, mem, i5, 10u, 256u) == 0) {
            i32_store(m, mem, i4, 0ul, i5, 264u);
            f64_store(m, mem, i4, 8ul, (double)(s32)i5, 272u);
            i64_store(m, mem, i4, 16ul, 0ul, 279u);
            i64_store(m, mem, i4, 24ul, 0x3fff000000000000ul, 294u);
            i32_store(m, mem, i4, 32ul, 1046u, 302u);
            i32_store(m, mem, i4, 36ul, i3, 309u);
            i32_store(m, mem, i4, 40ul, 3u, 316u);
            i32_store(m, mem, i4, 44ul, i3 + i5, 326u);
            i6 = host1(m, mem, 1024u, i4);
            i7 = host2(m, mem, 10u);
        }
        i5 = i5 + 1u;
    } while ((s32)i5 <= (s32)i32_load(m, mem, i4, 72ul, 352u));
    m->globals[0].i32 = i4 + 80u;
}

static void e4(instance *m, value *s)
{
    fn4(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {4u, 0u, e4},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
