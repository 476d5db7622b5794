function 3 is left out: the instruction `memory.init`
__attribute__((nomerge)) static u32 fn1(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static u32 fn2(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn4(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u64 a0, float a1, double *r0, u32 *r1);
__attribute__((nomerge)) static void host3(instance *restrict m, u8 *mem);

static void host0(instance *restrict m, u8 *mem, u64 a0, float a1, double *r0, u32 *r1)
{
    value s[2];
    s[0].i64 = a0;
    s[1].f32 = a1;
    if (__builtin_expect(m->call(m, 0u, s), 0))
        m->unwind(m);
    *r0 = s[0].f64;
    *r1 = s[1].i32;
}

static void host3(instance *restrict m, u8 *mem)
{
    value s[1];
    if (__builtin_expect(m->call(m, 3u, s), 0))
        m->unwind(m);
}

static const u32 table_length = 4u;

static const struct table_entry table[] = {
    [1] = {2u, (code)fn1},
    [2] = {2u, (code)fn2},
    [4] = {0u, 0},
};


/* twice */
static u32 fn1(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    i1 = i0 * 2u;
    return i1;
}

/* again */
static u32 fn2(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    u32 i2;
    u32 i3;
    u32 i4;
    check_stack(m, 157u);
    if (i0 != 0) {
        i3 = fn2(m, mem, i0 - 1u);
        i2 = i3;
    } else {
        i4 = ((u32 (*)(instance *restrict, u8 *, u32))callee(m, table, table_length, 1u, 2u, 174u))(m, mem, i0);
        i2 = i4;
    }
    i1 = i2;
    return i1;
}

/* function 4 */
static void fn4(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    double d3 = 0;
    double d4;
    u32 i5;
    u32 i6;
    u32 i7;
    u32 i8;
    u32 i9;
    check_stack(m, 193u);
    host0(m, mem, (u64)-3l, ((value){.i32 = 0x7fc00000u}).f32, &d4, &i5);
    d3 = d4;
    m->globals[0].i32 = m->globals[0].i32 - 16u;
    f64_store(m, mem, m->globals[0].i32, 0ul, d3, 219u);
    m->globals[1].v128 = i32x4_add(m->globals[1].v128, (vector){0xffffffffu, 0x0u, 0x1u, 0x2u});
    i6 = fn2(m, mem, i0);
    i7 = memory_grow(m, mem, i6);
    i8 = memory_atomic_wait32(m, mem, i0, 4ul, 1u, (u64)-1l, 260u);
    i9 = memory_atomic_notify(m, mem, i0, 0ul, memory_size(m, mem), 269u);
    host3(m, mem);
    m->globals[0].i32 = m->globals[0].i32 + 16u;
}

static void e4(instance *m, value *s)
{
    fn4(m, m->memory, s[0].i32, s[1].i32, s[2].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {4u, 0u, e4},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
