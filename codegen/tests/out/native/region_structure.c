__attribute__((nomerge)) static void fn1(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4);
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


static inline __attribute__((always_inline)) void loop1_2(instance *restrict m, u8 *mem, u64 n2, u32 a2_0, u8 *restrict c2_0, u32 a2_1, u8 *c2_1, u32 i4, u32 *to_i6)
{
    u32 i6 = *to_i6;
    u8 *p2_0 = c2_0;
    u8 *p2_1 = c2_1;
    s64 k2 = 0;
    do {
        f64_store_at(p2_1 + k2 * 8, f64_load_at(p2_0 + 8l) * f64_load(m, mem, i32_load_at(p2_0) + (i32_rem_u(m, mem, i6, i32_load_at(p2_0 + 16l), 232u) << 3), 0ul, 237u));
        i6 = i6 + 1u;
    } while (++k2 != (s64)n2);
    *to_i6 = i6;
}

/* function 1 */
static void fn1(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3, u32 i4)
{
    u32 i5 = 0;
    u32 i6 = 0;
    u32 i7 = 0;
    check_stack(m, 105u);
    i5 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i5;
    i32_store(m, mem, i5, 12ul, i2, 123u);
    i32_store(m, mem, i5, 8ul, i3, 130u);
    i32_store(m, mem, i5, 4ul, 1u, 137u);
    i32_store(m, mem, i5, 0ul, 0u, 144u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 151u), 33u, i5, i5 + 12u, i5 + 8u, i5 + 4u, 1u, 1u);
    i6 = i32_load(m, mem, i5, 12ul, 181u);
    i7 = i32_load(m, mem, i5, 8ul, 188u);
    if ((s32)i6 > (s32)i7) {
        goto label1;
    }
    {
        u64 n2 = trips32_le_s(i6 + 1u, 1u, i7); PIN(n2);
        u32 a2_0 = i4; PIN(a2_0);
        reach r2_0 = just(a2_0);
        u32 a2_1 = __extension__ ({ u32 at = i4; (u64)at + 4ul + 4 <= m->memory_bytes ? i32_load(m, mem, at, 4ul, 206u) : 0; }) + (i6 * 8u); PIN(a2_1);
        reach r2_1 = moved(just(a2_1), 8, n2);
        if (counts(n2) && stays(r2_1, 0, 0) && (u64)a2_0 + 20 <= m->memory_bytes && apart(r2_0, 0, 20, r2_1, 0, 8)) {
            loop1_2(m, mem, n2, a2_0, mem + (u64)a2_0, a2_1, mem + (u64)a2_1, i4, &i6);
        } else {
            do {
                f64_store(m, mem, i32_load(m, mem, i4, 4ul, 206u) + (i6 << 3), 0ul, f64_load(m, mem, i4, 8ul, 217u) * f64_load(m, mem, i32_load(m, mem, i4, 0ul, 222u) + (i32_rem_u(m, mem, i6, i32_load(m, mem, i4, 16ul, 229u), 232u) << 3), 0ul, 237u), 241u);
                i6 = i6 + 1u;
            } while ((s32)i6 <= (s32)i7);
        }
    }
label1:;
    m->globals[0].i32 = i5 + 16u;
}

static void e1(instance *m, value *s)
{
    fn1(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32, s[4].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {1u, 0u, e1},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
