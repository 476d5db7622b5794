__attribute__((nomerge)) static void fn1(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);
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


/* clear */
static void fn1(instance *restrict m, u8 *mem, u32 i0, u32 i1)
{
    memory_fill(m, mem, i0, 0u, i1, 115u);
}

/* function 2 */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3)
{
    u32 i4 = 0;
    u32 i5 = 0;
    u32 i6 = 0;
    u32 i7 = 0;
    check_stack(m, 121u);
    i4 = m->globals[0].i32 - 64u;
    m->globals[0].i32 = i4;
    i64_store(m, mem, i4, 0ul, 0ul, 138u);
    i32_store(m, mem, i4, 8ul, i2 - 1u, 148u);
    i32_store(m, mem, i4, 12ul, 1u, 155u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 162u), 34u, i4, i4 + 4u, i4 + 8u, i4 + 12u, 1u, 1u);
    i5 = i32_load(m, mem, i4, 4ul, 192u);
    do {
        fn1(m, mem, i4 + 16u, 48u);
        i6 = 0u;
        {
            u64 n2 = trips32_lt_u(1u, 1u, 9u);
            u32 a2_0 = i3 + i5; PIN(a2_0);
            reach r2_0 = moved(just(a2_0), 1, n2);
            if (counts(n2) && stays(r2_0, 0, 0)) {
                u8 *p2_0 = mem + (u64)a2_0;
                s64 k2 = 0;
                do {
                    i7 = (i4 + 16u) + (i32_rem_u(m, mem, i32_load8_u_at(p2_0 + k2 * 1), 12u, 232u) << 2);
                    i32_store(m, mem, i7, 0ul, i32_load(m, mem, i7, 0ul, 243u) + 1u, 249u);
                    i6 = i6 + 1u;
                } while (++k2 != (s64)n2);
            } else {
                do {
                    i7 = (i4 + 16u) + (i32_rem_u(m, mem, i32_load8_u(m, mem, (i3 + i5) + i6, 0ul, 227u), 12u, 232u) << 2);
                    i32_store(m, mem, i7, 0ul, i32_load(m, mem, i7, 0ul, 243u) + 1u, 249u);
                    i6 = i6 + 1u;
                } while (i6 < 9u);
            }
        }
        i32_store(m, mem, i3 + (i5 << 2), 1024ul, i32_load(m, mem, i4 + ((i5 & 7u) << 2), 16ul, 284u), 287u);
        i5 = i5 + 1u;
    } while ((s32)i5 <= (s32)i32_load(m, mem, i4, 8ul, 302u));
    m->globals[0].i32 = i4 + 64u;
}

static void e2(instance *m, value *s)
{
    fn2(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {2u, 0u, e2},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
