/* Stops this work-item, as soon as it comes to a loop, and notes why and where. It does so without branches: nearly all code is
 * before something that may trap. Sites are numbered in the order of the code, so of one virtual thread's the least was first. */
static void trap_in_order(machine *m, uint kind, uint site)
{
    m->trapped = max(m->trapped, ~(site << 3 | kind));
}

/* Stops this work-item, as soon as it comes to a loop, and notes why and where, the first time. */
static void trap_once(machine *m, uint kind, uint site)
{
    if (!m->trapped)
        m->trapped = ~(site << 3 | kind);
}

/* The first work-item that has stopped writes down why and where. */
static void record(machine *m, __global uint *record)
{
    if (m->trapped)
        atomic_cmpxchg((volatile __global uint *)record, 0u, m->trapped);
}

/* Whether an access is inside of the memory, which is never shorter than 16 bytes. */
static bool inside(machine *m, uint address, ulong offset, uint bytes)
{
    ulong last = m->size - bytes;
    return offset <= last && address <= (uint)last - (uint)offset;
}

/* Bytes at any address: devices want multiples of the size, WebAssembly does not ask for that. Out of line, where it costs the others
 * nothing. */
static __attribute__((noinline)) uint4 gather(__global uchar *p, uint bytes)
{
    uint words[4] = {0u, 0u, 0u, 0u};
    for (uint i = 0u; i < bytes; i++)
        words[i / 4u] |= (uint)p[i] << (i % 4u * 8u);
    return (uint4)(words[0], words[1], words[2], words[3]);
}

static __attribute__((noinline)) void scatter(__global uchar *p, uint bytes, uint4 value)
{
    uint words[4] = {value.s0, value.s1, value.s2, value.s3};
    for (uint i = 0u; i < bytes; i++)
        p[i] = (uchar)(words[i / 4u] >> (i % 4u * 8u));
}

/* Bits of the memory: the type of a variable that holds them, their type in memory, how many bytes, what the address is a multiple of
 * where they are accessed as that type, and how they are taken from words or put into words where it is not.
 *
 * For GPUs without branches: what is read is read in any case, from the start of the memory if it must be. */
#define BITS_LOAD_spread(name, T, M, bytes, multiple, from_words) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        ulong at = (ulong)address + offset; \
        bool is_inside = inside(m, address, offset, bytes); \
        bool is_aligned = ((address + (uint)offset) & (multiple - 1u)) == 0u; \
        T bits = *(__global name##_memory *)(m->memory + (is_inside && is_aligned ? at : 0ul)); \
        if (!is_aligned && is_inside) { \
            uint4 words = gather(m->memory + at, bytes); \
            bits = from_words; \
        } \
        if (!is_inside) \
            trap(m, 2u, site); \
        return bits; \
    }

/* For CPUs, which foresee branches, and read at any address. */
#define BITS_LOAD_blocks(name, T, M, bytes, multiple, from_words) \
    typedef M __attribute__((aligned(1), may_alias)) name##_memory; \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        if (!inside(m, address, offset, bytes)) { \
            trap(m, 2u, site); \
            return (T)(0); \
        } \
        return *(__global name##_memory *)(m->memory + ((ulong)address + offset)); \
    }

/* Behind the memory is a guard as far as an address and an offset reach. */
#define BITS_LOAD_guarded(name, T, M, bytes, multiple, from_words) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        ulong at = (ulong)address + offset; \
        bool is_aligned = ((address + (uint)offset) & (multiple - 1u)) == 0u; \
        T bits = *(__global name##_memory *)(m->memory + (is_aligned ? at : 0ul)); \
        if (!is_aligned) { \
            uint4 words = gather(m->memory + at, bytes); \
            bits = from_words; \
        } \
        return bits; \
    }

BITS_LOAD(load8, uint, uchar, 1u, 1, words.s0)
BITS_LOAD(load16, uint, ushort, 2u, 2, words.s0)
BITS_LOAD(load32, uint, uint, 4u, 4, words.s0)
BITS_LOAD(load64, ulong, ulong, 8u, 8, (ulong)words.s1 << 32 | words.s0)
BITS_LOAD(load128, uint4, uint4, 16u, 4, words)

#define BITS_STORE_spread(name, T, M, bytes, multiple, words) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        __global uchar *p = m->memory + ((ulong)address + offset); \
        if (!inside(m, address, offset, bytes)) \
            trap(m, 2u, site); \
        else if (((address + (uint)offset) & (multiple - 1u)) == 0u) \
            *(__global name##_memory *)p = (M)value; \
        else \
            scatter(p, bytes, words); \
    }

#define BITS_STORE_blocks(name, T, M, bytes, multiple, words) \
    typedef M __attribute__((aligned(1), may_alias)) name##_memory; \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        if (!inside(m, address, offset, bytes)) \
            trap(m, 2u, site); \
        else \
            *(__global name##_memory *)(m->memory + ((ulong)address + offset)) = (M)value; \
    }

#define BITS_STORE_guarded(name, T, M, bytes, multiple, words) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        __global uchar *p = m->memory + ((ulong)address + offset); \
        if (((address + (uint)offset) & (multiple - 1u)) == 0u) \
            *(__global name##_memory *)p = (M)value; \
        else \
            scatter(p, bytes, words); \
    }

BITS_STORE(store8, uint, uchar, 1u, 1, (uint4)(value))
BITS_STORE(store16, uint, ushort, 2u, 2, (uint4)(value))
BITS_STORE(store32, uint, uint, 4u, 4, (uint4)(value))
BITS_STORE(store64, ulong, ulong, 8u, 8, (uint4)((uint)value, (uint)(value >> 32), 0u, 0u))
BITS_STORE(store128, uint4, uint4, 16u, 4, value)

#define LOAD(name, T, B, load, value) \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        B bits = load(m, address, offset, site); \
        return (T)(value); \
    }

LOAD(i32_load, uint, uint, load32, bits)
LOAD(i32_load8_u, uint, uint, load8, bits)
LOAD(i32_load8_s, uint, uint, load8, (int)(char)bits)
LOAD(i32_load16_u, uint, uint, load16, bits)
LOAD(i32_load16_s, uint, uint, load16, (int)(short)bits)
LOAD(i64_load, ulong, ulong, load64, bits)
LOAD(i64_load8_u, ulong, uint, load8, bits)
LOAD(i64_load8_s, ulong, uint, load8, (long)(char)bits)
LOAD(i64_load16_u, ulong, uint, load16, bits)
LOAD(i64_load16_s, ulong, uint, load16, (long)(short)bits)
LOAD(i64_load32_u, ulong, uint, load32, bits)
LOAD(i64_load32_s, ulong, uint, load32, (long)(int)bits)
LOAD(f32_load, float, uint, load32, as_float(bits))
LOAD(f64_load, double, ulong, load64, as_double(bits))
LOAD(v128_load, uint4, uint4, load128, bits)
LOAD(v128_load8x8_s, uint4, ulong, load64, as_uint4(convert_short8(as_char8(bits))))
LOAD(v128_load8x8_u, uint4, ulong, load64, as_uint4(convert_ushort8(as_uchar8(bits))))
LOAD(v128_load16x4_s, uint4, ulong, load64, as_uint4(convert_int4(as_short4(bits))))
LOAD(v128_load16x4_u, uint4, ulong, load64, convert_uint4(as_ushort4(bits)))
LOAD(v128_load32x2_s, uint4, ulong, load64, as_uint4(convert_long2(as_int2(bits))))
LOAD(v128_load32x2_u, uint4, ulong, load64, as_uint4(convert_ulong2(as_uint2(bits))))
LOAD(v128_load8_splat, uint4, uint, load8, as_uint4((uchar16)((uchar)bits)))
LOAD(v128_load16_splat, uint4, uint, load16, as_uint4((ushort8)((ushort)bits)))
LOAD(v128_load32_splat, uint4, uint, load32, (uint4)(bits))
LOAD(v128_load64_splat, uint4, ulong, load64, as_uint4((ulong2)(bits)))
LOAD(v128_load32_zero, uint4, uint, load32, (uint4)(bits, 0u, 0u, 0u))
LOAD(v128_load64_zero, uint4, ulong, load64, as_uint4((ulong2)(bits, 0ul)))

#define STORE(name, T, store, bits) \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        store(m, address, offset, bits, site); \
    }

STORE(i32_store, uint, store32, value)
STORE(i32_store8, uint, store8, value)
STORE(i32_store16, uint, store16, value)
STORE(i64_store, ulong, store64, value)
STORE(i64_store8, ulong, store8, (uint)value)
STORE(i64_store16, ulong, store16, (uint)value)
STORE(i64_store32, ulong, store32, (uint)value)
STORE(f32_store, float, store32, as_uint(value))
STORE(f64_store, double, store64, as_ulong(value))
STORE(v128_store, uint4, store128, value)

#define LOAD_LANE(name, T, N, V, load) \
    static uint4 name(machine *m, uint address, ulong offset, uint4 vector, uint lane, uint site) \
    { \
        T lanes[N]; \
        vstore##N(as_##V(vector), 0, lanes); \
        lanes[lane] = (T)load(m, address, offset, site); \
        return as_uint4(vload##N(0, lanes)); \
    }

LOAD_LANE(v128_load8_lane, uchar, 16, uchar16, load8)
LOAD_LANE(v128_load16_lane, ushort, 8, ushort8, load16)
LOAD_LANE(v128_load32_lane, uint, 4, uint4, load32)
LOAD_LANE(v128_load64_lane, ulong, 2, ulong2, load64)

#define STORE_LANE(name, T, N, V, store) \
    static void name(machine *m, uint address, ulong offset, uint4 vector, uint lane, uint site) \
    { \
        T lanes[N]; \
        vstore##N(as_##V(vector), 0, lanes); \
        store(m, address, offset, lanes[lane], site); \
    }

STORE_LANE(v128_store8_lane, uchar, 16, uchar16, store8)
STORE_LANE(v128_store16_lane, ushort, 8, ushort8, store16)
STORE_LANE(v128_store32_lane, uint, 4, uint4, store32)
STORE_LANE(v128_store64_lane, ulong, 2, ulong2, store64)

static uint memory_size(machine *m)
{
    return (uint)(m->size >> 16);
}

/* Where a range is; it is compared with the size of the memory even where loads and stores are not. */
static __global uchar *range(machine *m, uint address, uint bytes, uint site)
{
    if ((ulong)address + bytes > m->size) {
        trap(m, 2u, site);
        return 0;
    }
    return m->memory + address;
}

static void memory_fill(machine *m, uint to, uint value, uint bytes, uint site)
{
    __global uchar *p = range(m, to, bytes, site);
    if (p)
        for (uint i = 0u; i < bytes; i++)
            p[i] = (uchar)value;
}

static void memory_copy(machine *m, uint to, uint from, uint bytes, uint site)
{
    __global uchar *p = range(m, to, bytes, site), *q = range(m, from, bytes, site);
    if (p && q && to <= from)
        for (uint i = 0u; i < bytes; i++)
            p[i] = q[i];
    else if (p && q)
        for (uint i = bytes; i-- > 0u;)
            p[i] = q[i];
}

static uint i32_ctz(uint a)
{
    return a == 0u ? 32u : 31u - clz(a & (0u - a));
}

static ulong i64_ctz(ulong a)
{
    return a == 0ul ? 64ul : 63ul - clz(a & (0ul - a));
}

#define SCALAR(name, T, result) static T name(T a) { return result; }

SCALAR(i32_clz, uint, clz(a))
SCALAR(i32_popcnt, uint, popcount(a))
SCALAR(i32_extend8_s, uint, (uint)(int)(char)a)
SCALAR(i32_extend16_s, uint, (uint)(int)(short)a)
SCALAR(i64_clz, ulong, clz(a))
SCALAR(i64_popcnt, ulong, popcount(a))
SCALAR(i64_extend8_s, ulong, (ulong)(long)(char)a)
SCALAR(i64_extend16_s, ulong, (ulong)(long)(short)a)
SCALAR(i64_extend32_s, ulong, (ulong)(long)(int)a)
SCALAR(f32_abs, float, fabs(a))
SCALAR(f32_ceil, float, ceil(a))
SCALAR(f32_floor, float, floor(a))
SCALAR(f32_trunc, float, trunc(a))
SCALAR(f32_nearest, float, rint(a))
SCALAR(f32_sqrt, float, sqrt(a))
SCALAR(f64_abs, double, fabs(a))
SCALAR(f64_ceil, double, ceil(a))
SCALAR(f64_floor, double, floor(a))
SCALAR(f64_trunc, double, trunc(a))
SCALAR(f64_nearest, double, rint(a))
SCALAR(f64_sqrt, double, sqrt(a))

#define SCALARS(name, T, result) static T name(T a, T b) { return result; }

SCALARS(i32_rotl, uint, rotate(a, b))
SCALARS(i32_rotr, uint, rotate(a, 0u - b))
SCALARS(i64_rotl, ulong, rotate(a, b))
SCALARS(i64_rotr, ulong, rotate(a, 0ul - b))
SCALARS(f32_copysign, float, copysign(a, b))
SCALARS(f64_copysign, double, copysign(a, b))
SCALARS(f32_min, float, a != a || b != b ? a + b : a == b ? as_float(as_uint(a) | as_uint(b)) : a < b ? a : b)
SCALARS(f32_max, float, a != a || b != b ? a + b : a == b ? as_float(as_uint(a) & as_uint(b)) : a > b ? a : b)
SCALARS(f64_min, double, a != a || b != b ? a + b : a == b ? as_double(as_ulong(a) | as_ulong(b)) : a < b ? a : b)
SCALARS(f64_max, double, a != a || b != b ? a + b : a == b ? as_double(as_ulong(a) & as_ulong(b)) : a > b ? a : b)

/* GPUs divide 32 bits several times faster than 64. */
static bool narrow(ulong a, ulong b)
{
    return ((a | b) >> 32) == 0ul;
}

/* Division by zero and the one quotient that is too large are traps; what they are done with does not matter then. */
#define DIVIDE(name, T, S, least, overflows, result) \
    static T name(machine *m, T a, T b, uint site) \
    { \
        if (b == 0) { \
            trap(m, 3u, site); \
            return 0; \
        } \
        if ((S)b == -1 && a == least) { \
            if (overflows) \
                trap(m, 4u, site); \
            return 0; \
        } \
        return (T)(result); \
    }

DIVIDE(i32_div_s, uint, int, 0x80000000u, true, (int)a / (int)b)
DIVIDE(i32_rem_s, uint, int, 0x80000000u, false, (int)a % (int)b)
DIVIDE(i64_div_s, ulong, long, 0x8000000000000000ul, true, narrow(a, b) ? (ulong)((uint)a / (uint)b) : (ulong)((long)a / (long)b))
DIVIDE(i64_rem_s, ulong, long, 0x8000000000000000ul, false, narrow(a, b) ? (ulong)((uint)a % (uint)b) : (ulong)((long)a % (long)b))

#define DIVIDE_UNSIGNED(name, T, result) \
    static T name(machine *m, T a, T b, uint site) \
    { \
        if (b == 0) { \
            trap(m, 3u, site); \
            return 0; \
        } \
        return result; \
    }

DIVIDE_UNSIGNED(i32_div_u, uint, a / b)
DIVIDE_UNSIGNED(i32_rem_u, uint, a % b)
DIVIDE_UNSIGNED(i64_div_u, ulong, narrow(a, b) ? (ulong)((uint)a / (uint)b) : a / b)
DIVIDE_UNSIGNED(i64_rem_u, ulong, narrow(a, b) ? (ulong)((uint)a % (uint)b) : a % b)

/* In a tile, the indices that a collapsed loop's iteration stands for are known. */
#define TILED(name, T, divide, known) \
    static T name(machine *m, T a, T b, uint site) \
    { \
        return a == (T)m->index && b == (T)m->width ? (T)m->known : divide(m, a, b, site); \
    }

TILED(tiled_i32_div_s, uint, i32_div_s, row)
TILED(tiled_i32_div_u, uint, i32_div_u, row)
TILED(tiled_i32_rem_s, uint, i32_rem_s, column)
TILED(tiled_i32_rem_u, uint, i32_rem_u, column)
TILED(tiled_i64_div_s, ulong, i64_div_s, row)
TILED(tiled_i64_div_u, ulong, i64_div_u, row)
TILED(tiled_i64_rem_s, ulong, i64_rem_s, column)
TILED(tiled_i64_rem_u, ulong, i64_rem_u, column)

/* `above` and `below` are the nearest floats that do not fit. */
#define TRUNCATE(name, T, F, S, above, below) \
    static T name(machine *m, F a, uint site) \
    { \
        if (a != a || !(a > above && a < below)) { \
            trap(m, a != a ? 5u : 4u, site); \
            return 0; \
        } \
        return (T)(S)a; \
    }

TRUNCATE(i32_trunc_f32_s, uint, float, int, -2147483904.0f, 2147483648.0f)
TRUNCATE(i32_trunc_f32_u, uint, float, uint, -1.0f, 4294967296.0f)
TRUNCATE(i32_trunc_f64_s, uint, double, int, -2147483649.0, 2147483648.0)
TRUNCATE(i32_trunc_f64_u, uint, double, uint, -1.0, 4294967296.0)
TRUNCATE(i64_trunc_f32_s, ulong, float, long, -9223373136366403584.0f, 9223372036854775808.0f)
TRUNCATE(i64_trunc_f32_u, ulong, float, ulong, -1.0f, 18446744073709551616.0f)
TRUNCATE(i64_trunc_f64_s, ulong, double, long, -9223372036854777856.0, 9223372036854775808.0)
TRUNCATE(i64_trunc_f64_u, ulong, double, ulong, -1.0, 18446744073709551616.0)

#define SATURATE(name, T, F, S, above, least, below, most) \
    static T name(F a) { return a != a ? (T)0 : a <= above ? (T)least : a >= below ? (T)most : (T)(S)a; }

SATURATE(i32_trunc_sat_f32_s, uint, float, int, -2147483904.0f, 0x80000000u, 2147483648.0f, 0x7fffffffu)
SATURATE(i32_trunc_sat_f32_u, uint, float, uint, -1.0f, 0u, 4294967296.0f, 0xffffffffu)
SATURATE(i32_trunc_sat_f64_s, uint, double, int, -2147483649.0, 0x80000000u, 2147483648.0, 0x7fffffffu)
SATURATE(i32_trunc_sat_f64_u, uint, double, uint, -1.0, 0u, 4294967296.0, 0xffffffffu)
SATURATE(i64_trunc_sat_f32_s, ulong, float, long, -9223373136366403584.0f, 0x8000000000000000ul, 9223372036854775808.0f, 0x7ffffffffffffffful)
SATURATE(i64_trunc_sat_f32_u, ulong, float, ulong, -1.0f, 0ul, 18446744073709551616.0f, 0xfffffffffffffffful)
SATURATE(i64_trunc_sat_f64_s, ulong, double, long, -9223372036854777856.0, 0x8000000000000000ul, 9223372036854775808.0, 0x7ffffffffffffffful)
SATURATE(i64_trunc_sat_f64_u, ulong, double, ulong, -1.0, 0ul, 18446744073709551616.0, 0xfffffffffffffffful)

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

/* Vectors: the lanes as T, an expression of `x`, back to bits. */
#define LANES(name, T, result) static uint4 name(uint4 a) { T x = as_##T(a); return as_uint4(result); }

LANES(i8x16_neg, uchar16, (uchar16)(0) - x)
LANES(i16x8_neg, ushort8, (ushort8)(0) - x)
LANES(i32x4_neg, uint4, (uint4)(0) - x)
LANES(i64x2_neg, ulong2, (ulong2)(0) - x)
LANES(i8x16_abs, char16, abs(x))
LANES(i16x8_abs, short8, abs(x))
LANES(i32x4_abs, int4, abs(x))
LANES(i64x2_abs, long2, abs(x))
LANES(i8x16_popcnt, uchar16, popcount(x))
LANES(v128_not, uint4, ~x)
LANES(f32x4_abs, uint4, x & (uint4)(0x7fffffffu))
LANES(f64x2_abs, ulong2, x & (ulong2)(0x7ffffffffffffffful))
LANES(f32x4_neg, uint4, x ^ (uint4)(0x80000000u))
LANES(f64x2_neg, ulong2, x ^ (ulong2)(0x8000000000000000ul))
LANES(f32x4_sqrt, float4, sqrt(x))
LANES(f64x2_sqrt, double2, sqrt(x))
LANES(f32x4_ceil, float4, ceil(x))
LANES(f64x2_ceil, double2, ceil(x))
LANES(f32x4_floor, float4, floor(x))
LANES(f64x2_floor, double2, floor(x))
LANES(f32x4_trunc, float4, trunc(x))
LANES(f64x2_trunc, double2, trunc(x))
LANES(f32x4_nearest, float4, rint(x))
LANES(f64x2_nearest, double2, rint(x))
LANES(i16x8_extend_low_i8x16_s, char16, convert_short8(x.lo))
LANES(i16x8_extend_high_i8x16_s, char16, convert_short8(x.hi))
LANES(i16x8_extend_low_i8x16_u, uchar16, convert_ushort8(x.lo))
LANES(i16x8_extend_high_i8x16_u, uchar16, convert_ushort8(x.hi))
LANES(i32x4_extend_low_i16x8_s, short8, convert_int4(x.lo))
LANES(i32x4_extend_high_i16x8_s, short8, convert_int4(x.hi))
LANES(i32x4_extend_low_i16x8_u, ushort8, convert_uint4(x.lo))
LANES(i32x4_extend_high_i16x8_u, ushort8, convert_uint4(x.hi))
LANES(i64x2_extend_low_i32x4_s, int4, convert_long2(x.lo))
LANES(i64x2_extend_high_i32x4_s, int4, convert_long2(x.hi))
LANES(i64x2_extend_low_i32x4_u, uint4, convert_ulong2(x.lo))
LANES(i64x2_extend_high_i32x4_u, uint4, convert_ulong2(x.hi))
LANES(i16x8_extadd_pairwise_i8x16_s, char16, convert_short8(x.even) + convert_short8(x.odd))
LANES(i16x8_extadd_pairwise_i8x16_u, uchar16, convert_ushort8(x.even) + convert_ushort8(x.odd))
LANES(i32x4_extadd_pairwise_i16x8_s, short8, convert_int4(x.even) + convert_int4(x.odd))
LANES(i32x4_extadd_pairwise_i16x8_u, ushort8, convert_uint4(x.even) + convert_uint4(x.odd))
LANES(f32x4_convert_i32x4_s, int4, convert_float4(x))
LANES(f32x4_convert_i32x4_u, uint4, convert_float4(x))
LANES(f64x2_convert_low_i32x4_s, int4, convert_double2(x.lo))
LANES(f64x2_convert_low_i32x4_u, uint4, convert_double2(x.lo))
LANES(f64x2_promote_low_f32x4, float4, convert_double2(x.lo))
LANES(f32x4_demote_f64x2_zero, double2, (float4)(convert_float2(x), 0.0f, 0.0f))
LANES(i32x4_trunc_sat_f32x4_s, float4, (uint4)(i32_trunc_sat_f32_s(x.s0), i32_trunc_sat_f32_s(x.s1), i32_trunc_sat_f32_s(x.s2), i32_trunc_sat_f32_s(x.s3)))
LANES(i32x4_trunc_sat_f32x4_u, float4, (uint4)(i32_trunc_sat_f32_u(x.s0), i32_trunc_sat_f32_u(x.s1), i32_trunc_sat_f32_u(x.s2), i32_trunc_sat_f32_u(x.s3)))
LANES(i32x4_trunc_sat_f64x2_s_zero, double2, (uint4)(i32_trunc_sat_f64_s(x.s0), i32_trunc_sat_f64_s(x.s1), 0u, 0u))
LANES(i32x4_trunc_sat_f64x2_u_zero, double2, (uint4)(i32_trunc_sat_f64_u(x.s0), i32_trunc_sat_f64_u(x.s1), 0u, 0u))
LANES(i32x4_relaxed_trunc_f32x4_s, float4, i32x4_trunc_sat_f32x4_s(a))
LANES(i32x4_relaxed_trunc_f32x4_u, float4, i32x4_trunc_sat_f32x4_u(a))
LANES(i32x4_relaxed_trunc_f64x2_s_zero, double2, i32x4_trunc_sat_f64x2_s_zero(a))
LANES(i32x4_relaxed_trunc_f64x2_u_zero, double2, i32x4_trunc_sat_f64x2_u_zero(a))

#define PAIRS(name, T, result) static uint4 name(uint4 a, uint4 b) { T x = as_##T(a), y = as_##T(b); return as_uint4(result); }

PAIRS(v128_andnot, uint4, x & ~y)
PAIRS(i8x16_add, uchar16, x + y)
PAIRS(i16x8_add, ushort8, x + y)
PAIRS(i32x4_add, uint4, x + y)
PAIRS(i64x2_add, ulong2, x + y)
PAIRS(f32x4_add, float4, x + y)
PAIRS(f64x2_add, double2, x + y)
PAIRS(i8x16_sub, uchar16, x - y)
PAIRS(i16x8_sub, ushort8, x - y)
PAIRS(i32x4_sub, uint4, x - y)
PAIRS(i64x2_sub, ulong2, x - y)
PAIRS(f32x4_sub, float4, x - y)
PAIRS(f64x2_sub, double2, x - y)
PAIRS(i16x8_mul, ushort8, x * y)
PAIRS(i32x4_mul, uint4, x * y)
PAIRS(i64x2_mul, ulong2, x * y)
PAIRS(f32x4_mul, float4, x * y)
PAIRS(f64x2_mul, double2, x * y)
PAIRS(f32x4_div, float4, x / y)
PAIRS(f64x2_div, double2, x / y)
PAIRS(i8x16_add_sat_s, char16, add_sat(x, y))
PAIRS(i8x16_add_sat_u, uchar16, add_sat(x, y))
PAIRS(i16x8_add_sat_s, short8, add_sat(x, y))
PAIRS(i16x8_add_sat_u, ushort8, add_sat(x, y))
PAIRS(i8x16_sub_sat_s, char16, sub_sat(x, y))
PAIRS(i8x16_sub_sat_u, uchar16, sub_sat(x, y))
PAIRS(i16x8_sub_sat_s, short8, sub_sat(x, y))
PAIRS(i16x8_sub_sat_u, ushort8, sub_sat(x, y))
PAIRS(i8x16_min_s, char16, min(x, y))
PAIRS(i8x16_min_u, uchar16, min(x, y))
PAIRS(i8x16_max_s, char16, max(x, y))
PAIRS(i8x16_max_u, uchar16, max(x, y))
PAIRS(i16x8_min_s, short8, min(x, y))
PAIRS(i16x8_min_u, ushort8, min(x, y))
PAIRS(i16x8_max_s, short8, max(x, y))
PAIRS(i16x8_max_u, ushort8, max(x, y))
PAIRS(i32x4_min_s, int4, min(x, y))
PAIRS(i32x4_min_u, uint4, min(x, y))
PAIRS(i32x4_max_s, int4, max(x, y))
PAIRS(i32x4_max_u, uint4, max(x, y))
PAIRS(i8x16_avgr_u, uchar16, rhadd(x, y))
PAIRS(i16x8_avgr_u, ushort8, rhadd(x, y))
PAIRS(f32x4_min, float4, (float4)(f32_min(x.s0, y.s0), f32_min(x.s1, y.s1), f32_min(x.s2, y.s2), f32_min(x.s3, y.s3)))
PAIRS(f32x4_max, float4, (float4)(f32_max(x.s0, y.s0), f32_max(x.s1, y.s1), f32_max(x.s2, y.s2), f32_max(x.s3, y.s3)))
PAIRS(f64x2_min, double2, (double2)(f64_min(x.s0, y.s0), f64_min(x.s1, y.s1)))
PAIRS(f64x2_max, double2, (double2)(f64_max(x.s0, y.s0), f64_max(x.s1, y.s1)))
PAIRS(f32x4_pmin, float4, y < x ? y : x)
PAIRS(f32x4_pmax, float4, x < y ? y : x)
PAIRS(f64x2_pmin, double2, y < x ? y : x)
PAIRS(f64x2_pmax, double2, x < y ? y : x)
PAIRS(f32x4_relaxed_min, float4, f32x4_min(a, b))
PAIRS(f32x4_relaxed_max, float4, f32x4_max(a, b))
PAIRS(f64x2_relaxed_min, double2, f64x2_min(a, b))
PAIRS(f64x2_relaxed_max, double2, f64x2_max(a, b))
PAIRS(i8x16_eq, uchar16, x == y)
PAIRS(i8x16_ne, uchar16, x != y)
PAIRS(i8x16_lt_s, char16, x < y)
PAIRS(i8x16_lt_u, uchar16, x < y)
PAIRS(i8x16_gt_s, char16, x > y)
PAIRS(i8x16_gt_u, uchar16, x > y)
PAIRS(i8x16_le_s, char16, x <= y)
PAIRS(i8x16_le_u, uchar16, x <= y)
PAIRS(i8x16_ge_s, char16, x >= y)
PAIRS(i8x16_ge_u, uchar16, x >= y)
PAIRS(i16x8_eq, ushort8, x == y)
PAIRS(i16x8_ne, ushort8, x != y)
PAIRS(i16x8_lt_s, short8, x < y)
PAIRS(i16x8_lt_u, ushort8, x < y)
PAIRS(i16x8_gt_s, short8, x > y)
PAIRS(i16x8_gt_u, ushort8, x > y)
PAIRS(i16x8_le_s, short8, x <= y)
PAIRS(i16x8_le_u, ushort8, x <= y)
PAIRS(i16x8_ge_s, short8, x >= y)
PAIRS(i16x8_ge_u, ushort8, x >= y)
PAIRS(i32x4_eq, uint4, x == y)
PAIRS(i32x4_ne, uint4, x != y)
PAIRS(i32x4_lt_s, int4, x < y)
PAIRS(i32x4_lt_u, uint4, x < y)
PAIRS(i32x4_gt_s, int4, x > y)
PAIRS(i32x4_gt_u, uint4, x > y)
PAIRS(i32x4_le_s, int4, x <= y)
PAIRS(i32x4_le_u, uint4, x <= y)
PAIRS(i32x4_ge_s, int4, x >= y)
PAIRS(i32x4_ge_u, uint4, x >= y)
PAIRS(i64x2_eq, ulong2, x == y)
PAIRS(i64x2_ne, ulong2, x != y)
PAIRS(i64x2_lt_s, long2, x < y)
PAIRS(i64x2_gt_s, long2, x > y)
PAIRS(i64x2_le_s, long2, x <= y)
PAIRS(i64x2_ge_s, long2, x >= y)
PAIRS(f32x4_eq, float4, x == y)
PAIRS(f32x4_ne, float4, x != y)
PAIRS(f32x4_lt, float4, x < y)
PAIRS(f32x4_gt, float4, x > y)
PAIRS(f32x4_le, float4, x <= y)
PAIRS(f32x4_ge, float4, x >= y)
PAIRS(f64x2_eq, double2, x == y)
PAIRS(f64x2_ne, double2, x != y)
PAIRS(f64x2_lt, double2, x < y)
PAIRS(f64x2_gt, double2, x > y)
PAIRS(f64x2_le, double2, x <= y)
PAIRS(f64x2_ge, double2, x >= y)
PAIRS(i8x16_narrow_i16x8_s, short8, (char16)(convert_char8_sat(x), convert_char8_sat(y)))
PAIRS(i8x16_narrow_i16x8_u, short8, (uchar16)(convert_uchar8_sat(x), convert_uchar8_sat(y)))
PAIRS(i16x8_narrow_i32x4_s, int4, (short8)(convert_short4_sat(x), convert_short4_sat(y)))
PAIRS(i16x8_narrow_i32x4_u, int4, (ushort8)(convert_ushort4_sat(x), convert_ushort4_sat(y)))
PAIRS(i16x8_extmul_low_i8x16_s, char16, convert_short8(x.lo) * convert_short8(y.lo))
PAIRS(i16x8_extmul_high_i8x16_s, char16, convert_short8(x.hi) * convert_short8(y.hi))
PAIRS(i16x8_extmul_low_i8x16_u, uchar16, convert_ushort8(x.lo) * convert_ushort8(y.lo))
PAIRS(i16x8_extmul_high_i8x16_u, uchar16, convert_ushort8(x.hi) * convert_ushort8(y.hi))
PAIRS(i32x4_extmul_low_i16x8_s, short8, convert_int4(x.lo) * convert_int4(y.lo))
PAIRS(i32x4_extmul_high_i16x8_s, short8, convert_int4(x.hi) * convert_int4(y.hi))
PAIRS(i32x4_extmul_low_i16x8_u, ushort8, convert_uint4(x.lo) * convert_uint4(y.lo))
PAIRS(i32x4_extmul_high_i16x8_u, ushort8, convert_uint4(x.hi) * convert_uint4(y.hi))
PAIRS(i64x2_extmul_low_i32x4_s, int4, convert_long2(x.lo) * convert_long2(y.lo))
PAIRS(i64x2_extmul_high_i32x4_s, int4, convert_long2(x.hi) * convert_long2(y.hi))
PAIRS(i64x2_extmul_low_i32x4_u, uint4, convert_ulong2(x.lo) * convert_ulong2(y.lo))
PAIRS(i64x2_extmul_high_i32x4_u, uint4, convert_ulong2(x.hi) * convert_ulong2(y.hi))
PAIRS(i32x4_dot_i16x8_s, short8, convert_uint4(convert_int4(x.even) * convert_int4(y.even)) + convert_uint4(convert_int4(x.odd) * convert_int4(y.odd)))
PAIRS(i16x8_q15mulr_sat_s, short8, convert_short8_sat((convert_int8(x) * convert_int8(y) + (int8)(0x4000)) >> (int8)(15)))
PAIRS(i16x8_relaxed_q15mulr_s, short8, i16x8_q15mulr_sat_s(a, b))
PAIRS(i8x16_swizzle, uchar16, y < (uchar16)(16) ? shuffle(x, y & (uchar16)(15)) : (uchar16)(0))
PAIRS(i8x16_relaxed_swizzle, uchar16, i8x16_swizzle(a, b))

static uint4 i8x16_shuffle(uint4 a, uint4 b, uchar16 lanes)
{
    return as_uint4(shuffle2(as_uchar16(a), as_uchar16(b), lanes));
}

static uint4 v128_bitselect(uint4 a, uint4 b, uint4 mask)
{
    return (a & mask) | (b & ~mask);
}

#define SELECT_RELAXED(name) static uint4 name(uint4 a, uint4 b, uint4 mask) { return v128_bitselect(a, b, mask); }

SELECT_RELAXED(i8x16_relaxed_laneselect)
SELECT_RELAXED(i16x8_relaxed_laneselect)
SELECT_RELAXED(i32x4_relaxed_laneselect)
SELECT_RELAXED(i64x2_relaxed_laneselect)

#define FUSED(name, T, sign) static uint4 name(uint4 a, uint4 b, uint4 c) { return as_uint4(fma(sign as_##T(a), as_##T(b), as_##T(c))); }

FUSED(f32x4_relaxed_madd, float4, +)
FUSED(f32x4_relaxed_nmadd, float4, -)
FUSED(f64x2_relaxed_madd, double2, +)
FUSED(f64x2_relaxed_nmadd, double2, -)

#define SHIFT(name, T, mask, op) static uint4 name(uint4 a, uint count) { return as_uint4(as_##T(a) op (T)(count & mask)); }

SHIFT(i8x16_shl, uchar16, 7u, <<)
SHIFT(i8x16_shr_s, char16, 7u, >>)
SHIFT(i8x16_shr_u, uchar16, 7u, >>)
SHIFT(i16x8_shl, ushort8, 15u, <<)
SHIFT(i16x8_shr_s, short8, 15u, >>)
SHIFT(i16x8_shr_u, ushort8, 15u, >>)
SHIFT(i32x4_shl, uint4, 31u, <<)
SHIFT(i32x4_shr_s, int4, 31u, >>)
SHIFT(i32x4_shr_u, uint4, 31u, >>)
SHIFT(i64x2_shl, ulong2, 63u, <<)
SHIFT(i64x2_shr_s, long2, 63u, >>)
SHIFT(i64x2_shr_u, ulong2, 63u, >>)

#define SPLAT(name, A, V, T) static uint4 name(A a) { return as_uint4((V)((T)a)); }

SPLAT(i8x16_splat, uint, uchar16, uchar)
SPLAT(i16x8_splat, uint, ushort8, ushort)
SPLAT(i32x4_splat, uint, uint4, uint)
SPLAT(i64x2_splat, ulong, ulong2, ulong)
SPLAT(f32x4_splat, float, float4, float)
SPLAT(f64x2_splat, double, double2, double)

#define REPLACE(name, A, V, T, N) \
    static uint4 name(uint4 a, A value, uint lane) \
    { \
        T lanes[N]; \
        vstore##N(as_##V(a), 0, lanes); \
        lanes[lane] = (T)value; \
        return as_uint4(vload##N(0, lanes)); \
    }

REPLACE(i8x16_replace_lane, uint, uchar16, uchar, 16)
REPLACE(i16x8_replace_lane, uint, ushort8, ushort, 8)
REPLACE(i32x4_replace_lane, uint, uint4, uint, 4)
REPLACE(i64x2_replace_lane, ulong, ulong2, ulong, 2)
REPLACE(f32x4_replace_lane, float, float4, float, 4)
REPLACE(f64x2_replace_lane, double, double2, double, 2)

#define TEST(name, T, result) static uint name(uint4 a) { T x = as_##T(a); return (uint)(result); }

TEST(v128_any_true, uint4, any(x != (uint4)(0u)))
TEST(i8x16_all_true, uchar16, all(x != (uchar16)(0)))
TEST(i16x8_all_true, ushort8, all(x != (ushort8)(0)))
TEST(i32x4_all_true, uint4, all(x != (uint4)(0u)))
TEST(i64x2_all_true, ulong2, all(x != (ulong2)(0ul)))
TEST(i64x2_bitmask, ulong2, x.s0 >> 63 | x.s1 >> 63 << 1)
TEST(i32x4_bitmask, uint4, x.s0 >> 31 | x.s1 >> 31 << 1 | x.s2 >> 31 << 2 | x.s3 >> 31 << 3)
TEST(i16x8_bitmask, ushort8, i32x4_bitmask(as_uint4(convert_uint4(x.lo) << (uint4)(16u))) | i32x4_bitmask(as_uint4(convert_uint4(x.hi) << (uint4)(16u))) << 4)
TEST(i8x16_bitmask, uchar16, i16x8_bitmask(as_uint4(convert_ushort8(x.lo) << (ushort8)(8))) | i16x8_bitmask(as_uint4(convert_ushort8(x.hi) << (ushort8)(8))) << 8)
