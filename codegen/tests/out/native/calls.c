__attribute__((nomerge)) static u32 fn0(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static u32 fn1(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 *r0, u64 *r1);
__attribute__((nomerge)) static void fn3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);

static const u32 table_length = 3u;

static const struct table_entry table[] = {
    [0] = {1u, (code)fn0},
    [1] = {1u, (code)fn1},
    [2] = {1u, (code)fn0},
    [3] = {0u, 0},
};


/* double */
static u32 fn0(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    i1 = i0 << 1;
    return i1;
}

/* square */
static u32 fn1(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    i1 = i0 * i0;
    return i1;
}

/* both */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 *r0, u64 *r1)
{
    u32 i1;
    u64 l2;
    u32 i3;
    u32 i4;
    check_stack(m, 98u);
    i3 = fn0(m, mem, i0);
    i4 = fn1(m, mem, i0);
    i1 = i3;
    l2 = (u64)i4;
    *r0 = i1;
    *r1 = l2;
    return;
}

/* function 3 */
static void fn3(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    u32 i4 = 0;
    u64 l5 = 0;
    u32 i6;
    u64 l7;
    u32 i8;
    u32 i9;
    check_stack(m, 110u);
    i3 = i0 * 16u;
    fn2(m, mem, i0, &i6, &l7);
    l5 = l7;
    i4 = i6;
    i32_store(m, mem, i3, 12ul, i4, 134u);
    i64_store(m, mem, i3, 0ul, l5, 141u);
    i8 = i3;
    i9 = ((u32 (*)(instance *restrict, u8 *, u32))callee(m, table, table_length, i32_rem_u(m, mem, i0, 3u, 152u), 1u, 153u))(m, mem, i0);
    i32_store(m, mem, i8, 8ul, i9, 156u);
}

static void e3(instance *m, value *s)
{
    fn3(m, m->memory, s[0].i32, s[1].i32, s[2].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {3u, 0u, e3},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
