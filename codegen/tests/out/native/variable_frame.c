__attribute__((nomerge)) static u32 fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static u32 fn1(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* pair */
static u32 fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1)
{
    u32 i2 = 0;
    u32 i3;
    i2 = m->globals[0].i32 - 16u;
    i64_store(m, mem, i2, 8ul, i64_load(m, mem, i0, 0ul, 89u), 92u);
    i3 = i32_load(m, mem, i2 + ((i1 & 1u) << 2), 8ul, 106u);
    return i3;
}

/* leaf */
static u32 fn1(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1 = 0;
    u32 i2 = 0;
    u32 i3 = 0;
    u32 i4;
    i1 = m->globals[0].i32 - (((i0 << 2) + 15u) & (u32)-16);
    {
        u64 n1 = trips32_lt_u(i3 + 1u, 1u, i0); PIN(n1);
        u32 a1_0 = i1 + (i3 * 4u); PIN(a1_0);
        reach r1_0 = moved(just(a1_0), 4, n1);
        if (counts(n1) && stays(r1_0, 0, 0)) {
            u8 *p1_0 = mem + (u64)a1_0;
            s64 k1 = 0;
            do {
                i32_store_at(p1_0 + k1 * 4, i0 - i3);
                i3 = i3 + 1u;
            } while (++k1 != (s64)n1);
        } else {
            do {
                i32_store(m, mem, i1 + (i3 << 2), 0ul, i0 - i3, 145u);
                i3 = i3 + 1u;
            } while (i3 < i0);
        }
    }
    {
        u64 n2 = trips32_down(i3 + (u32)-1, 1u, 0u); PIN(n2);
        u32 a2_0 = (i1 + (i3 * 4u)) + (u32)-4; PIN(a2_0);
        reach r2_0 = moved(just(a2_0), -4, n2);
        if (counts(n2) && stays(r2_0, 0, 0)) {
            u8 *p2_0 = mem + (u64)a2_0;
            s64 k2 = 0;
            do {
                i3 = i3 - 1u;
                i2 = i2 + i32_load_at(p2_0 + k2 * -4);
            } while (++k2 != (s64)n2);
        } else {
            do {
                i3 = i3 - 1u;
                i2 = i2 + i32_load(m, mem, i1 + (i3 << 2), 0ul, 180u);
            } while (i3 != 0);
        }
    }
    i4 = i2;
    return i4;
}

/* function 2 */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    u32 i4 = 0;
    u32 i5 = 0;
    u32 i6 = 0;
    u32 i7 = 0;
    u32 i8 = 0;
    u32 i9;
    u32 i10;
    u32 i11;
    u32 i12;
    check_stack(m, 196u);
    i3 = 0x10000u + (i0 << 8);
    i4 = m->globals[0].i32 - 16u;
    m->globals[0].i32 = i4;
    i32_store(m, mem, i4, 12ul, i32_load(m, mem, i3, 0ul, 224u), 227u);
    do {
        i7 = i7 + 1u;
        i5 = m->globals[0].i32;
        i6 = i5 - (((i7 << 3) + 15u) & (u32)-16);
        m->globals[0].i32 = i6;
        i64_store(m, mem, i6 + ((i7 - 1u) << 3), 0ul, i64_load(m, mem, i3 + (i7 << 3), 0ul, 280u), 283u);
        i9 = i8;
        i10 = fn0(m, mem, i6 + ((i7 - 1u) << 3), i7);
        i8 = i9 + i10;
        m->globals[0].i32 = i5;
    } while (i7 < 9u);
    i32_store(m, mem, i3, 128ul, i8, 322u);
    i11 = i3;
    i12 = fn1(m, mem, i7 + 4u);
    i32_store(m, mem, i11, 132ul, i12, 335u);
    i32_store(m, mem, i3, 136ul, i32_load(m, mem, i4, 12ul, 343u), 346u);
    m->globals[0].i32 = i4 + 16u;
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
