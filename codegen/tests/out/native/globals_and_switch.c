__attribute__((nomerge)) static void fn0(instance *restrict m, u8 *mem, u32 a0, u32 a1, u32 a2);


/* function 0 */
static void fn0(instance *restrict m, u8 *mem, u32 i0, u32 i1, u32 i2)
{
    u32 i3 = 0;
    u32 i4;
    m->globals[0].i64 = 0ul;
label2:;
    for (;;) {
        if (i3 >= i0) {
            goto label1;
        }
        i4 = i3 & 3u;
        switch (pinned(i4)) {
        case 0u:
            goto label5;
        case 1u:
            goto label4;
        default:
            goto label3;
        }
    label5:;
        m->globals[0].i64 = m->globals[0].i64 + 1ul;
        goto label3;
    label4:;
        m->globals[0].i64 = m->globals[0].i64 - (u64)(s64)(s32)i3;
    label3:;
        i3 = i3 + 1u;
        continue;
    }
label1:;
    i64_store(m, mem, i0 << 4, 0ul, m->globals[0].i64, 139u);
    f32_store(m, mem, i0 << 4, 8ul, 2.5f * (float)i3, 153u);
}

static void e0(instance *m, value *s)
{
    fn0(m, m->memory, s[0].i32, s[1].i32, s[2].i32);
}

#define EXPORT __attribute__((visibility("default"))) const
EXPORT u32 omp2wasi_native_version = 2u;
struct entry { u32 function, reserved; void (*code)(instance *, value *); };
EXPORT struct entry omp2wasi_native_entries[] = {
    {0u, 0u, e0},
    {0u, 0u, 0},
};
EXPORT u32 omp2wasi_native_entry_count = 1u;
