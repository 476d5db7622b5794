/* What is in the work-item's own memory at an address that is no multiple of its size: see `straddling32`. */
static uint private_straddling16(uchar *p)
{
    return (uint)p[0] | (uint)p[1] << 8;
}

static uint private_straddling32(uchar *p)
{
    typedef uint __attribute__((may_alias)) word;
    uint from = (uint)(ulong)p & 3u;
    word *words = (word *)(p - from);
    return words[0] >> 8u * from | words[1] << (32u - 8u * from);
}

static ulong private_straddling64(uchar *p)
{
    typedef ulong __attribute__((may_alias)) word;
    uint from = (uint)(ulong)p & 7u;
    word *words = (word *)(p - from);
    return words[0] >> 8u * from | words[1] << (64u - 8u * from);
}

static uint4 private_straddling128(uchar *p)
{
    typedef ulong __attribute__((may_alias)) word;
    uint from = (uint)(ulong)p & 7u;
    word *words = (word *)(p - from);
    ulong low = words[0] >> 8u * from | words[1] << (64u - 8u * from);
    return as_uint4((ulong2)(low, words[1] >> 8u * from | words[2] << (64u - 8u * from)));
}

/* Bytes are written there one by one. */
static __attribute__((noinline)) void private_scatter(uchar *p, uint bytes, uint4 value)
{
    uint words[4] = {value.s0, value.s1, value.s2, value.s3};
    for (uint i = 0u; i < bytes; i++)
        p[i] = (uchar)(words[i / 4u] >> (i % 4u * 8u));
}

/* Where stack frames grow, what has not been accessed yet is not the program's: it is cleared down to what is accessed now. */
static __attribute__((noinline)) uint private_clear(uchar *frames, uint from, uint to)
{
    uint4 *words = (uint4 *)frames;
    for (uint i = to / 16u; i < from / 16u; i++)
        words[i] = (uint4)(0u);
    return to / 16u * 16u;
}

/* Bits of the work-item's own memory, where stack frames are. Its addresses are the last 64 KiB that there are. */
#define PRIVATE_LOAD_fixed(name, T, M, bytes, multiple, straddling) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        ulong at = (ulong)address + offset - 0xffff0000ul; \
        if (at > FRAMES - bytes) { \
            trap(m, 2u, site); \
            return (T)(0); \
        } \
        if ((at & (multiple - 1u)) == 0u) \
            return *(name##_memory *)(m->frames + at); \
        return straddling(m->frames + at); \
    }

/* The same where they grow: below the first address the stack is used up. */
#define PRIVATE_LOAD_growing(name, T, M, bytes, multiple, straddling) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        ulong at = (ulong)address + offset - 0xffff0000ul; \
        if (at > FRAMES - bytes) { \
            trap(m, address < 0xffff0000u ? 0u : 2u, site); \
            return (T)(0); \
        } \
        if (at < m->cleared) \
            m->cleared = private_clear(m->frames, m->cleared, (uint)at); \
        if ((at & (multiple - 1u)) == 0u) \
            return *(name##_memory *)(m->frames + at); \
        return straddling(m->frames + at); \
    }

PRIVATE_LOAD(private_load8, uint, uchar, 1u, 1, *)
PRIVATE_LOAD(private_load16, uint, ushort, 2u, 2, private_straddling16)
PRIVATE_LOAD(private_load32, uint, uint, 4u, 4, private_straddling32)
PRIVATE_LOAD(private_load64, ulong, ulong, 8u, 8, private_straddling64)
PRIVATE_LOAD(private_load128, uint4, uint4, 16u, 4, private_straddling128)
PRIVATE_LOAD(private_load128_aligned8, uint4, uint4, 16u, 8, private_straddling128)

#define PRIVATE_STORE_fixed(name, T, M, bytes, multiple, words) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        ulong at = (ulong)address + offset - 0xffff0000ul; \
        if (at > FRAMES - bytes) \
            trap(m, 2u, site); \
        else if ((at & (multiple - 1u)) == 0u) \
            *(name##_memory *)(m->frames + at) = (M)value; \
        else \
            private_scatter(m->frames + at, bytes, words); \
    }

/* The same where they grow. */
#define PRIVATE_STORE_growing(name, T, M, bytes, multiple, words) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        ulong at = (ulong)address + offset - 0xffff0000ul; \
        if (at > FRAMES - bytes) { \
            trap(m, address < 0xffff0000u ? 0u : 2u, site); \
            return; \
        } \
        if (at < m->cleared) \
            m->cleared = private_clear(m->frames, m->cleared, (uint)at); \
        if ((at & (multiple - 1u)) == 0u) \
            *(name##_memory *)(m->frames + at) = (M)value; \
        else \
            private_scatter(m->frames + at, bytes, words); \
    }

PRIVATE_STORE(private_store8, uint, uchar, 1u, 1, (uint4)(value))
PRIVATE_STORE(private_store16, uint, ushort, 2u, 2, (uint4)(value))
PRIVATE_STORE(private_store32, uint, uint, 4u, 4, (uint4)(value))
PRIVATE_STORE(private_store64, ulong, ulong, 8u, 8, (uint4)((uint)value, (uint)(value >> 32), 0u, 0u))
PRIVATE_STORE(private_store128, uint4, uint4, 16u, 4, value)
PRIVATE_STORE(private_store128_aligned8, uint4, uint4, 16u, 8, value)

/* Bits of either memory: the address says of which. */
#define EITHER_LOAD_of_two(name, T, private_name, team_name, linear_name) \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        if (address >= 0xffff0000u) \
            return private_name(m, address, offset, site); \
        return linear_name(m, address, offset, site); \
    }

/* The same where teams have memory, too: its addresses are the 64 KiB before the private ones. */
#define EITHER_LOAD_of_three(name, T, private_name, team_name, linear_name) \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        if (address >= 0xffff0000u) \
            return private_name(m, address, offset, site); \
        if (address >= 0xfffe0000u) \
            return team_name(m, address, offset, site); \
        return linear_name(m, address, offset, site); \
    }

EITHER_LOAD(either_load8, uint, private_load8, team_load8, load8)
EITHER_LOAD(either_load16, uint, private_load16, team_load16, load16)
EITHER_LOAD(either_load32, uint, private_load32, team_load32, load32)
EITHER_LOAD(either_load64, ulong, private_load64, team_load64, load64)
EITHER_LOAD(either_load128, uint4, private_load128, team_load128, load128)
EITHER_LOAD(either_load128_aligned8, uint4, private_load128_aligned8, team_load128_aligned8, load128_aligned8)

#define EITHER_STORE_of_two(name, T, private_name, team_name, linear_name) \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        if (address >= 0xffff0000u) \
            private_name(m, address, offset, value, site); \
        else \
            linear_name(m, address, offset, value, site); \
    }

#define EITHER_STORE_of_three(name, T, private_name, team_name, linear_name) \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        if (address >= 0xffff0000u) \
            private_name(m, address, offset, value, site); \
        else if (address >= 0xfffe0000u) \
            team_name(m, address, offset, value, site); \
        else \
            linear_name(m, address, offset, value, site); \
    }

EITHER_STORE(either_store8, uint, private_store8, team_store8, store8)
EITHER_STORE(either_store16, uint, private_store16, team_store16, store16)
EITHER_STORE(either_store32, uint, private_store32, team_store32, store32)
EITHER_STORE(either_store64, ulong, private_store64, team_store64, store64)
EITHER_STORE(either_store128, uint4, private_store128, team_store128, store128)
EITHER_STORE(either_store128_aligned8, uint4, private_store128_aligned8, team_store128_aligned8, store128_aligned8)

static void either_memory_fill(machine *m, uint to, uint value, uint bytes, uint site)
{
    for (uint i = 0u; i < bytes && !m->trapped; i++)
        either_store8(m, to + i, 0ul, value, site);
}

static void either_memory_copy(machine *m, uint to, uint from, uint bytes, uint site)
{
    for (uint i = 0u; i < bytes && !m->trapped; i++) {
        uint at = to <= from ? i : bytes - 1u - i;
        either_store8(m, to + at, 0ul, either_load8(m, from + at, 0ul, site), site);
    }
}
