__attribute__((nomerge)) static u32 fn0(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static u32 fn1(instance *restrict m, u8 *mem, u32 a0);
__attribute__((nomerge)) static void fn2(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 *r0, u32 *r1);
__attribute__((nomerge)) static void fn3(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);

static const u32 table_length = 3u;

static const struct table_entry table[] = {
    [0] = {1u, (code)fn0},
    [1] = {1u, (code)fn1},
    [2] = {1u, (code)fn0},
    [3] = {0u, 0},
};


/* one */
static u32 fn0(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    i1 = i0 + 1u;
    return i1;
}

/* two */
static u32 fn1(instance *restrict m, u8 *mem, u32 i0)
{
    u32 i1;
    if (i0 > 1000u) {
        return 1000u;
    }
    i1 = i0 * 2u;
    return i1;
}

/* both */
static void fn2(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 *r0, u32 *r1)
{
    u32 i2;
    u32 i3;
    i2 = i1;
    i3 = i0;
    *r0 = i2;
    *r1 = i3;
    return;
}

/* function 3 */
static void fn3(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    u32 i4;
    u32 i5;
    u32 i6;
    u32 i7;
    u32 i8;
    u32 i9;
    u32 i10;
    u32 i11;
    u32 i12;
    u32 i13;
    u32 i14;
    u32 i15;
    u32 i16;
    check_stack(m, 126u);
    i5 = i0 & 3u;
    switch (pinned(i5)) {
    case 0u:
        goto label4;
    case 1u:
        goto label3;
    default:
        goto label2;
    }
label4:;
    i4 = 11u;
    goto label1;
label3:;
    i6 = ((u32 (*)(instance *restrict, u8 *, u32))callee(m, table, table_length, i32_rem_u(m, mem, i0, 2u, 159u), 1u, 160u))(m, mem, i0);
    i4 = i6;
    goto label1;
label2:;
    fn2(m, mem, 1u, i0, &i7, &i8);
    i4 = i7;
label1:;
    i3 = i4;
    i9 = i0;
    i11 = 1u;
    i12 = i9;
label5:;
    for (;;) {
        i3 = i3 + 1u;
        fn2(m, mem, i11, i12, &i13, &i14);
        i15 = (u32)(i3 < 40u);
        i16 = i14 + 1u;
        if (i15 != 0) {
            i11 = i13;
            i12 = i16;
            continue;
        }
        i10 = i13 + i16;
        break;
    }
    i3 = i10;
    i32_store(m, mem, i0 << 2, 0ul, i3, 212u);
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
