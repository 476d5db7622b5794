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

/* What work-groups have done before is seen by others after: on NVIDIA's devices, and where work-groups share caches. */
static void fence_device(void)
{
#ifdef __NV_CL_C_VERSION
    __asm__ volatile("membar.gl;" : : : "memory");
#else
    mem_fence(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
#endif
}

/* A barrier of all work-items of a work-group; of all work-groups, where the whole range is one team: then all of them are under way at
 * once, and the first item of each waits until all groups have arrived so often as this one has. */
static void meet_all(machine *m)
{
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
#ifdef OMP2WASI_SPECIAL
    if (get_local_id(0) == 0u) {
        m->awaited += (uint)get_num_groups(0);
        fence_device();
        atomic_inc(&m->shared->arrived);
        while ((int)(atomic_or(&m->shared->arrived, 0u) - m->awaited) < 0)
            ;
        fence_device();
    }
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
#endif
}

/* The team begins. PoCL's compiler loses the first item of a group in a branch that comes before all barriers of the code. */
static void begin(machine *m)
{
    barrier(CLK_LOCAL_MEM_FENCE);
}

/* The last group that leaves makes what the groups share as it was. */
static void leave(machine *m)
{
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
#ifdef OMP2WASI_SPECIAL
    if (get_local_id(0) == 0u) {
        fence_device();
        if (atomic_inc(&m->shared->left) + 1u == (uint)get_num_groups(0))
            m->shared->trapped[0] = m->shared->trapped[1] = m->shared->arrived = m->shared->left = 0u;
    }
#endif
}

/* A barrier of the team. */
static void meet_only(machine *m)
{
    meet_all(m);
}

/* A barrier of the team. A trap of one of its members is one of all from here on, so that they go on alike. Two words take turns, as some
 * may come to the next meeting while others still look at this one's. */
static void meet_after_traps(machine *m)
{
    TEAM_SPACE uint *trapped = &m->shared->trapped[m->meetings++ & 1u];
    if (m->trapped)
        *trapped = m->trapped;
    meet_all(m);
    m->stopped = m->trapped = *trapped;
}

/* Makes room for a record of what is printed, with so many bytes behind its head; 0 if there is none, or if something has trapped. The
 * first word counts the bytes that are used. It is read before, so that it does not become too large. */
static __global uint *printed_record(machine *m, uint function, uint format, uint strings, uint bytes)
{
    volatile __global uint *used = (volatile __global uint *)m->printed;
    uint size = 16u + (bytes + 15u) / 16u * 16u, at = PRINTED;
    if (m->trapped)
        return 0;
    if (*used < PRINTED)
        at = atomic_add(used, size);
    if (at > PRINTED - size) {
        atomic_inc(used + 1);
        return 0;
    }
    __global uint *record = m->printed + 4u + at / 4u;
    record[0] = size;
    record[1] = function;
    record[2] = format;
    record[3] = strings;
    return record;
}

/* Whether an access is inside of the memory, which is never shorter than 16 bytes. */
static bool inside(machine *m, uint address, ulong offset, uint bytes)
{
    ulong last = m->size - bytes;
    return offset <= last && address <= (uint)last - (uint)offset;
}

/* Notes that something is written at an address: one byte stands for 64 KiB. It is read before, as many write to the same. */
static void mark_written(machine *m, ulong at)
{
    __global uchar *p = m->marks + (at >> 16);
    if (!*p)
        *p = 1;
}

/* Nobody wants to know. */
static void mark_nothing(machine *m, ulong at)
{
}

/* What is at an address that is no multiple of its size: devices want such multiples, WebAssembly does not ask for that. It is put together
 * from the words that it straddles. (A call would cost the others registers.) */
static uint straddling16(__global uchar *p)
{
    return (uint)p[0] | (uint)p[1] << 8;
}

static uint straddling32(__global uchar *p)
{
    typedef uint __attribute__((may_alias)) word;
    uint from = (uint)(ulong)p & 3u;
    __global word *words = (__global word *)(p - from);
    return words[0] >> 8u * from | words[1] << (32u - 8u * from);
}

static ulong straddling64(__global uchar *p)
{
    typedef ulong __attribute__((may_alias)) word;
    uint from = (uint)(ulong)p & 7u;
    __global word *words = (__global word *)(p - from);
    return words[0] >> 8u * from | words[1] << (64u - 8u * from);
}

static uint4 straddling128(__global uchar *p)
{
    typedef ulong __attribute__((may_alias)) word;
    uint from = (uint)(ulong)p & 7u;
    __global word *words = (__global word *)(p - from);
    ulong low = words[0] >> 8u * from | words[1] << (64u - 8u * from);
    return as_uint4((ulong2)(low, words[1] >> 8u * from | words[2] << (64u - 8u * from)));
}

/* Bytes at such an address are written one by one, as others may write those beside them. Out of line, where it costs the others nothing. */
static __attribute__((noinline)) void scatter(__global uchar *p, uint bytes, uint4 value)
{
    uint words[4] = {value.s0, value.s1, value.s2, value.s3};
    for (uint i = 0u; i < bytes; i++)
        p[i] = (uchar)(words[i / 4u] >> (i % 4u * 8u));
}

/* Bits of the memory: the type of a variable that holds them, their type in memory, how many bytes, what the address is a multiple of
 * where they are accessed as that type, and how they are read, or put into words to be written, where it is not.
 *
 * For GPUs without branches: what is read is read in any case, from the start of the memory if it must be. */
#define BITS_LOAD_spread(name, T, M, bytes, multiple, straddling) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        ulong at = (ulong)address + offset; \
        bool is_inside = inside(m, address, offset, bytes); \
        bool is_aligned = ((address + (uint)offset) & (multiple - 1u)) == 0u; \
        T bits = *(__global name##_memory *)(m->memory + (is_inside && is_aligned ? at : 0ul)); \
        if (!is_aligned && is_inside) \
            bits = straddling(m->memory + at); \
        if (!is_inside) \
            trap(m, 2u, site); \
        return bits; \
    }

/* For CPUs, which foresee branches, and read at any address. */
#define BITS_LOAD_blocks(name, T, M, bytes, multiple, straddling) \
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
#define BITS_LOAD_guarded(name, T, M, bytes, multiple, straddling) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static T name(machine *m, uint address, ulong offset, uint site) \
    { \
        ulong at = (ulong)address + offset; \
        bool is_aligned = ((address + (uint)offset) & (multiple - 1u)) == 0u; \
        T bits = *(__global name##_memory *)(m->memory + (is_aligned ? at : 0ul)); \
        if (!is_aligned) \
            bits = straddling(m->memory + at); \
        return bits; \
    }

BITS_LOAD(load8, uint, uchar, 1u, 1, *)
BITS_LOAD(load16, uint, ushort, 2u, 2, straddling16)
BITS_LOAD(load32, uint, uint, 4u, 4, straddling32)
BITS_LOAD(load64, ulong, ulong, 8u, 8, straddling64)
BITS_LOAD(load128, uint4, uint4, 16u, 4, straddling128)
BITS_LOAD(load128_aligned8, uint4, uint4, 16u, 8, straddling128)

#define BITS_STORE_spread(name, T, M, bytes, multiple, words) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        ulong at = (ulong)address + offset; \
        __global uchar *p = m->memory + at; \
        if (!inside(m, address, offset, bytes)) { \
            trap(m, 2u, site); \
            return; \
        } \
        mark(m, at); \
        if (((address + (uint)offset) & (multiple - 1u)) == 0u) { \
            if (bytes > multiple) \
                mark(m, at + (bytes - 1u)); \
            *(__global name##_memory *)p = (M)value; \
        } else { \
            mark(m, at + (bytes - 1u)); \
            scatter(p, bytes, words); \
        } \
    }

#define BITS_STORE_blocks(name, T, M, bytes, multiple, words) \
    typedef M __attribute__((aligned(1), may_alias)) name##_memory; \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        ulong at = (ulong)address + offset; \
        if (!inside(m, address, offset, bytes)) { \
            trap(m, 2u, site); \
            return; \
        } \
        mark(m, at); \
        if (bytes > 1u) \
            mark(m, at + (bytes - 1u)); \
        *(__global name##_memory *)(m->memory + at) = (M)value; \
    }

#define BITS_STORE_guarded(name, T, M, bytes, multiple, words) \
    typedef M __attribute__((aligned(multiple), may_alias)) name##_memory; \
    static void name(machine *m, uint address, ulong offset, T value, uint site) \
    { \
        ulong at = (ulong)address + offset; \
        __global uchar *p = m->memory + at; \
        mark(m, at); \
        if (((address + (uint)offset) & (multiple - 1u)) == 0u) { \
            if (bytes > multiple) \
                mark(m, at + (bytes - 1u)); \
            *(__global name##_memory *)p = (M)value; \
        } else { \
            mark(m, at + (bytes - 1u)); \
            scatter(p, bytes, words); \
        } \
    }

BITS_STORE(store8, uint, uchar, 1u, 1, (uint4)(value))
BITS_STORE(store16, uint, ushort, 2u, 2, (uint4)(value))
BITS_STORE(store32, uint, uint, 4u, 4, (uint4)(value))
BITS_STORE(store64, ulong, ulong, 8u, 8, (uint4)((uint)value, (uint)(value >> 32), 0u, 0u))
BITS_STORE(store128, uint4, uint4, 16u, 4, value)
BITS_STORE(store128_aligned8, uint4, uint4, 16u, 8, value)

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
LOAD(v128_load_aligned8, uint4, uint4, load128_aligned8, bits)
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
STORE(v128_store_aligned8, uint4, store128_aligned8, value)

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

/* Notes that a range is written that is inside of the memory. */
static void mark_range(machine *m, uint address, uint bytes)
{
    for (ulong at = address; at < (ulong)address + bytes; at += 65536ul)
        mark(m, at);
    if (bytes > 0u)
        mark(m, (ulong)address + bytes - 1ul);
}

static void memory_fill(machine *m, uint to, uint value, uint bytes, uint site)
{
    __global uchar *p = range(m, to, bytes, site);
    if (p)
        mark_range(m, to, bytes);
    if (p)
        for (uint i = 0u; i < bytes; i++)
            p[i] = (uchar)value;
}

static void memory_copy(machine *m, uint to, uint from, uint bytes, uint site)
{
    __global uchar *p = range(m, to, bytes, site), *q = range(m, from, bytes, site);
    if (p && q)
        mark_range(m, to, bytes);
    if (p && q && to <= from)
        for (uint i = 0u; i < bytes; i++)
            p[i] = q[i];
    else if (p && q)
        for (uint i = bytes; i-- > 0u;)
            p[i] = q[i];
}
