/* Where an atomic access is: aligned, or a trap. */
static volatile __global uchar *atomic(machine *m, uint address, ulong offset, uint bytes, uint site)
{
    ulong at = (ulong)address + offset;
    if ((at & (ulong)(bytes - 1u)) != 0ul) {
        trap(m, 7u, site);
        return 0;
    }
    if (at + bytes > m->size) {
        trap(m, 2u, site);
        return 0;
    }
    mark(m, at);
    return m->memory + at;
}

#define ATOMIC32(name, operation) \
    static uint name(machine *m, uint address, ulong offset, uint value, uint site) \
    { \
        volatile __global uint *p = (volatile __global uint *)atomic(m, address, offset, 4u, site); \
        return p ? operation(p, value) : 0u; \
    }

ATOMIC32(i32_atomic_rmw_add, atomic_add)
ATOMIC32(i32_atomic_rmw_sub, atomic_sub)
ATOMIC32(i32_atomic_rmw_and, atomic_and)
ATOMIC32(i32_atomic_rmw_or, atomic_or)
ATOMIC32(i32_atomic_rmw_xor, atomic_xor)
ATOMIC32(i32_atomic_rmw_xchg, atomic_xchg)

#define ATOMIC64(name, operation) \
    static ulong name(machine *m, uint address, ulong offset, ulong value, uint site) \
    { \
        volatile __global ulong *p = (volatile __global ulong *)atomic(m, address, offset, 8u, site); \
        return p ? operation(p, value) : 0ul; \
    }

ATOMIC64(i64_atomic_rmw_add, atom_add)
ATOMIC64(i64_atomic_rmw_sub, atom_sub)
ATOMIC64(i64_atomic_rmw_and, atom_and)
ATOMIC64(i64_atomic_rmw_or, atom_or)
ATOMIC64(i64_atomic_rmw_xor, atom_xor)
ATOMIC64(i64_atomic_rmw_xchg, atom_xchg)

static uint i32_atomic_rmw_cmpxchg(machine *m, uint address, ulong offset, uint expected, uint value, uint site)
{
    volatile __global uint *p = (volatile __global uint *)atomic(m, address, offset, 4u, site);
    return p ? atomic_cmpxchg(p, expected, value) : 0u;
}

static ulong i64_atomic_rmw_cmpxchg(machine *m, uint address, ulong offset, ulong expected, ulong value, uint site)
{
    volatile __global ulong *p = (volatile __global ulong *)atomic(m, address, offset, 8u, site);
    return p ? atom_cmpxchg(p, expected, value) : 0ul;
}

static uint i32_atomic_load(machine *m, uint address, ulong offset, uint site)
{
    volatile __global uint *p = (volatile __global uint *)atomic(m, address, offset, 4u, site);
    return p ? atomic_or(p, 0u) : 0u;
}

static ulong i64_atomic_load(machine *m, uint address, ulong offset, uint site)
{
    volatile __global ulong *p = (volatile __global ulong *)atomic(m, address, offset, 8u, site);
    return p ? atom_or(p, 0ul) : 0ul;
}

static void i32_atomic_store(machine *m, uint address, ulong offset, uint value, uint site)
{
    volatile __global uint *p = (volatile __global uint *)atomic(m, address, offset, 4u, site);
    if (p)
        atomic_xchg(p, value);
}

static void i64_atomic_store(machine *m, uint address, ulong offset, ulong value, uint site)
{
    volatile __global ulong *p = (volatile __global ulong *)atomic(m, address, offset, 8u, site);
    if (p)
        atom_xchg(p, value);
}

/* Part of a word: `next` is its new value, from `old`, `value` and `expected`. Devices know atomics of whole words only. */
#define ATOMIC_PART(name, T, bytes, mask, next) \
    static T name(machine *m, uint address, ulong offset, T value, T expected, uint site) \
    { \
        volatile __global uchar *p = atomic(m, address, offset, bytes, site); \
        if (!p) \
            return 0; \
        uint shift = ((uint)(size_t)p & 3u) * 8u; \
        volatile __global uint *word = (volatile __global uint *)(p - ((size_t)p & 3u)); \
        uint whole = *word; \
        for (;;) { \
            T old = (T)(whole >> shift & mask); \
            uint changed = (whole & ~((uint)mask << shift)) | ((uint)(next) & mask) << shift; \
            uint seen = atomic_cmpxchg(word, whole, changed); \
            if (seen == whole) \
                return old; \
            whole = seen; \
        } \
    }

ATOMIC_PART(part8_add, uint, 1u, 0xffu, old + value)
ATOMIC_PART(part8_sub, uint, 1u, 0xffu, old - value)
ATOMIC_PART(part8_and, uint, 1u, 0xffu, old & value)
ATOMIC_PART(part8_or, uint, 1u, 0xffu, old | value)
ATOMIC_PART(part8_xor, uint, 1u, 0xffu, old ^ value)
ATOMIC_PART(part8_xchg, uint, 1u, 0xffu, value)
ATOMIC_PART(part8_cmpxchg, uint, 1u, 0xffu, old == expected ? value : old)
ATOMIC_PART(part16_add, uint, 2u, 0xffffu, old + value)
ATOMIC_PART(part16_sub, uint, 2u, 0xffffu, old - value)
ATOMIC_PART(part16_and, uint, 2u, 0xffffu, old & value)
ATOMIC_PART(part16_or, uint, 2u, 0xffffu, old | value)
ATOMIC_PART(part16_xor, uint, 2u, 0xffffu, old ^ value)
ATOMIC_PART(part16_xchg, uint, 2u, 0xffffu, value)
ATOMIC_PART(part16_cmpxchg, uint, 2u, 0xffffu, old == expected ? value : old)

#define WORD_RMW(name, operation) \
    static uint name(machine *m, uint address, ulong offset, uint value, uint unused, uint site) \
    { \
        volatile __global uint *p = (volatile __global uint *)atomic(m, address, offset, 4u, site); \
        return p ? operation(p, value) : 0u; \
    }

WORD_RMW(word_add, atomic_add)
WORD_RMW(word_sub, atomic_sub)
WORD_RMW(word_and, atomic_and)
WORD_RMW(word_or, atomic_or)
WORD_RMW(word_xor, atomic_xor)
WORD_RMW(word_xchg, atomic_xchg)

static uint word_cmpxchg(machine *m, uint address, ulong offset, uint value, uint expected, uint site)
{
    return i32_atomic_rmw_cmpxchg(m, address, offset, expected, value, site);
}

#define PART_RMW(name, T, part) \
    static T name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        return (T)part(m, address, offset, (uint)value, 0u, site); \
    }

PART_RMW(i32_atomic_rmw8_add_u, uint, part8_add)
PART_RMW(i32_atomic_rmw8_sub_u, uint, part8_sub)
PART_RMW(i32_atomic_rmw8_and_u, uint, part8_and)
PART_RMW(i32_atomic_rmw8_or_u, uint, part8_or)
PART_RMW(i32_atomic_rmw8_xor_u, uint, part8_xor)
PART_RMW(i32_atomic_rmw8_xchg_u, uint, part8_xchg)
PART_RMW(i32_atomic_rmw16_add_u, uint, part16_add)
PART_RMW(i32_atomic_rmw16_sub_u, uint, part16_sub)
PART_RMW(i32_atomic_rmw16_and_u, uint, part16_and)
PART_RMW(i32_atomic_rmw16_or_u, uint, part16_or)
PART_RMW(i32_atomic_rmw16_xor_u, uint, part16_xor)
PART_RMW(i32_atomic_rmw16_xchg_u, uint, part16_xchg)
PART_RMW(i64_atomic_rmw8_add_u, ulong, part8_add)
PART_RMW(i64_atomic_rmw8_sub_u, ulong, part8_sub)
PART_RMW(i64_atomic_rmw8_and_u, ulong, part8_and)
PART_RMW(i64_atomic_rmw8_or_u, ulong, part8_or)
PART_RMW(i64_atomic_rmw8_xor_u, ulong, part8_xor)
PART_RMW(i64_atomic_rmw8_xchg_u, ulong, part8_xchg)
PART_RMW(i64_atomic_rmw16_add_u, ulong, part16_add)
PART_RMW(i64_atomic_rmw16_sub_u, ulong, part16_sub)
PART_RMW(i64_atomic_rmw16_and_u, ulong, part16_and)
PART_RMW(i64_atomic_rmw16_or_u, ulong, part16_or)
PART_RMW(i64_atomic_rmw16_xor_u, ulong, part16_xor)
PART_RMW(i64_atomic_rmw16_xchg_u, ulong, part16_xchg)
PART_RMW(i64_atomic_rmw32_add_u, ulong, word_add)
PART_RMW(i64_atomic_rmw32_sub_u, ulong, word_sub)
PART_RMW(i64_atomic_rmw32_and_u, ulong, word_and)
PART_RMW(i64_atomic_rmw32_or_u, ulong, word_or)
PART_RMW(i64_atomic_rmw32_xor_u, ulong, word_xor)
PART_RMW(i64_atomic_rmw32_xchg_u, ulong, word_xchg)

/* The expected value is wrapped to the part's width, as the new one is. */
#define PART_CMPXCHG(name, T, mask, part) \
    static T name(machine *m, uint address, ulong offset, T expected, T value, uint site) \
    { \
        return (T)part(m, address, offset, (uint)value, (uint)(expected & mask), site); \
    }

PART_CMPXCHG(i32_atomic_rmw8_cmpxchg_u, uint, 0xffu, part8_cmpxchg)
PART_CMPXCHG(i32_atomic_rmw16_cmpxchg_u, uint, 0xffffu, part16_cmpxchg)
PART_CMPXCHG(i64_atomic_rmw8_cmpxchg_u, ulong, 0xfful, part8_cmpxchg)
PART_CMPXCHG(i64_atomic_rmw16_cmpxchg_u, ulong, 0xfffful, part16_cmpxchg)
PART_CMPXCHG(i64_atomic_rmw32_cmpxchg_u, ulong, 0xfffffffful, word_cmpxchg)

#define PART_LOAD(name, T, part) \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        return (T)part(m, address, offset, 0u, 0u, site); \
    }

PART_LOAD(i32_atomic_load8_u, uint, part8_or)
PART_LOAD(i32_atomic_load16_u, uint, part16_or)
PART_LOAD(i64_atomic_load8_u, ulong, part8_or)
PART_LOAD(i64_atomic_load16_u, ulong, part16_or)
PART_LOAD(i64_atomic_load32_u, ulong, word_or)

#define PART_STORE(name, T, part) \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        part(m, address, offset, (uint)value, 0u, site); \
    }

PART_STORE(i32_atomic_store8, uint, part8_xchg)
PART_STORE(i32_atomic_store16, uint, part16_xchg)
PART_STORE(i64_atomic_store8, ulong, part8_xchg)
PART_STORE(i64_atomic_store16, ulong, part16_xchg)
PART_STORE(i64_atomic_store32, ulong, word_xchg)

static void atomic_fence(void)
{
    mem_fence(CLK_GLOBAL_MEM_FENCE);
}
