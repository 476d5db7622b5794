__attribute__((nomerge)) static void fn11(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4);
__attribute__((nomerge)) static void host0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5, u32 a6, u32 a7, u32 a8);
__attribute__((nomerge)) static void host1(instance *restrict m, u8 *mem, u32 a0, u32 a1);
__attribute__((nomerge)) static void host4(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3);
__attribute__((nomerge)) static void host5(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);

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

static void host1(instance *restrict m, u8 *mem, u32 a0, u32 a1)
{
    value s[2];
    s[0].i32 = a0;
    s[1].i32 = a1;
    if (__builtin_expect(m->call(m, 1u, s), 0))
        m->unwind(m);
}

static void host4(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2, u32 a3)
{
    value s[4];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    s[3].i32 = a3;
    if (__builtin_expect(m->call(m, 4u, s), 0))
        m->unwind(m);
}

static void host5(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2)
{
    value s[3];
    s[0].i32 = a0;
    s[1].i32 = a1;
    s[2].i32 = a2;
    if (__builtin_expect(m->call(m, 5u, s), 0))
        m->unwind(m);
}


/* function 11 */
static void fn11(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2, u32 i3, u32 i4)
{
    u32 i5 = 0;
    u32 i6 = 0;
    u32 i7 = 0;
    u32 i8;
    check_stack(m, 693u);
    i5 = m->globals[0].i32 - 64u;
    m->globals[0].i32 = i5;
    i32_store(m, mem, i5, 12ul, 0u, 712u);
    i32_store(m, mem, i5, 16ul, 9u, 719u);
    i32_store(m, mem, i5, 20ul, 1u, 726u);
    i32_store(m, mem, i5, 24ul, 0u, 733u);
    host0(m, mem, 0u, i32_load(m, mem, i0, 0ul, 740u), 92u, i5 + 24u, i5 + 12u, i5 + 16u, i5 + 20u, 1u, 1u);
    i6 = i32_load(m, mem, i5, 12ul, 774u);
    i7 = i32_load(m, mem, i5, 16ul, 781u);
    if ((s32)i6 > (s32)i7) {
        goto label1;
    }
    do {
        i32_store(m, mem, i5, 28ul, i6, 801u);
        i32_store(m, mem, i5, 32ul, 0u, 808u);
        i32_store(m, mem, i5, 40ul, i5 + 28u, 818u);
        i32_store(m, mem, i5, 44ul, i5 + 32u, 828u);
        i32_store(m, mem, i5, 48ul, i2, 835u);
        host4(m, mem, 0u, 3u, 2u, i5 + 40u);
        i8 = i32_atomic_rmw_add(m, mem, i4, 0ul, 1u, 857u);
        i32_store(m, mem, i3 + (i8 << 2), 0ul, i32_load(m, mem, i5, 32ul, 867u), 870u);
        if ((i6 & 1u) != 0) {
            host5(m, mem, 0u, 0u, 64u);
            i32_store(m, mem, i5, 40ul, i3, 893u);
            host4(m, mem, 0u, 1u, 3u, i5 + 40u);
        }
        i6 = i6 + 1u;
    } while ((s32)i6 <= (s32)i7);
label1:;
    host1(m, mem, 0u, i32_load(m, mem, i0, 0ul, 930u));
    m->globals[0].i32 = i5 + 64u;
}

static void e11(instance *m, value *s)
{
    fn11(m, m->memory, s[0].i32, s[1].i32, s[2].i32, s[3].i32, s[4].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {11u, 0u, e11},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
