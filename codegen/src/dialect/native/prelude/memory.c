/* Leaves the program. Out of line: nearly all code is before something that may trap. */
LEAVE void trap(instance *m, u32 code, u32 offset)
{
    m->trap(m, code, offset);
    __builtin_unreachable();
}

/* A function that calls others begins with this, so recursion ends before the stack does. */
FN void check_stack(instance *m, u32 site)
{
    if (__builtin_expect((u8 *)__builtin_frame_address(0) < m->stack_limit, 0))
        trap(m, 8u, site);
}

/* Where an access is. A 32-bit address and an offset are a number of 33 bits, which never wraps; where it is outside of the memory, the
 * guard behind that is touched, which reaches as far. */
FN u8 *at(u8 *mem, u32 address, u64 offset)
{
    return mem + ((u64)address + offset);
}

/* Loads: the type, the one in memory, and the one that says how it is extended. */
#define LOAD(name, T, M, S) \
    FN T name##_at(const u8 *p) { M bits; __builtin_memcpy(&bits, p, sizeof bits); return (T)(S)bits; } \
    FN T name(instance *m, u8 *mem, u32 address, u64 offset, u32 site) { return name##_at(at(mem, address, offset)); }

LOAD(i32_load, u32, u32, u32)
LOAD(i64_load, u64, u64, u64)
LOAD(f32_load, float, float, float)
LOAD(f64_load, double, double, double)
LOAD(i32_load8_s, u32, u8, i8)
LOAD(i32_load8_u, u32, u8, u8)
LOAD(i32_load16_s, u32, u16, i16)
LOAD(i32_load16_u, u32, u16, u16)
LOAD(i64_load8_s, u64, u8, i8)
LOAD(i64_load8_u, u64, u8, u8)
LOAD(i64_load16_s, u64, u16, i16)
LOAD(i64_load16_u, u64, u16, u16)
LOAD(i64_load32_s, u64, u32, i32)
LOAD(i64_load32_u, u64, u32, u32)
LOAD(v128_load, v128, v128, v128)

#define STORE(name, T, M) \
    FN void name##_at(u8 *p, T value) { M bits = (M)value; __builtin_memcpy(p, &bits, sizeof bits); } \
    FN void name(instance *m, u8 *mem, u32 address, u64 offset, T value, u32 site) { name##_at(at(mem, address, offset), value); }

STORE(i32_store, u32, u32)
STORE(i64_store, u64, u64)
STORE(f32_store, float, float)
STORE(f64_store, double, double)
STORE(i32_store8, u32, u8)
STORE(i32_store16, u32, u16)
STORE(i64_store8, u64, u8)
STORE(i64_store16, u64, u16)
STORE(i64_store32, u64, u32)
STORE(v128_store, v128, v128)

/* Bits for instructions that access parts of vectors. */
#define LOAD_BITS(name, T, M) \
    FN T name(u8 *mem, u32 address, u64 offset, instance *m, u32 site) \
    { \
        M bits; \
        __builtin_memcpy(&bits, at(mem, address, offset), sizeof bits); \
        return bits; \
    }

LOAD_BITS(load8, u32, u8)
LOAD_BITS(load16, u32, u16)
LOAD_BITS(load32, u32, u32)
LOAD_BITS(load64, u64, u64)

#define STORE_BITS(name, M) \
    FN void name(u8 *mem, u32 address, u64 offset, M bits, instance *m, u32 site) \
    { \
        __builtin_memcpy(at(mem, address, offset), &bits, sizeof bits); \
    }

STORE_BITS(store8, u8)
STORE_BITS(store16, u16)
STORE_BITS(store32, u32)
STORE_BITS(store64, u64)

/* Keeps a value in a register: what another thread does to where it was loaded from changes nothing after its check. */
#define PIN(value) __asm__("" : "+r"(value))

FN u32 pinned(u32 value)
{
    PIN(value);
    return value;
}

FN u8 *span(instance *m, u8 *mem, u32 address, u32 bytes, u32 site)
{
    u64 end = (u64)address + bytes;
    if (__builtin_expect(end > m->memory_bytes, 0) && end > m->memory_size(m))
        trap(m, 2u, site);
    return mem + (u64)address;
}

FN void memory_copy(instance *m, u8 *mem, u32 to, u32 from, u32 bytes, u32 site)
{
    PIN(bytes);
    PIN(to);
    PIN(from);
    u8 *target = span(m, mem, to, bytes, site), *source = span(m, mem, from, bytes, site);
    __builtin_memmove(target, source, bytes);
}

FN void memory_fill(instance *m, u8 *mem, u32 to, u32 byte, u32 bytes, u32 site)
{
    PIN(bytes);
    PIN(to);
    u8 *target = span(m, mem, to, bytes, site);
    __builtin_memset(target, (int)byte, bytes);
}

FN u32 memory_size(instance *m, u8 *mem)
{
    return (u32)(m->memory_size(m) >> 16);
}

FN u32 memory_grow(instance *m, u8 *mem, u32 pages)
{
    return m->memory_grow(m, pages);
}

FN u32 memory_atomic_notify(instance *m, u8 *mem, u32 address, u64 offset, u32 count, u32 site)
{
    return m->notify(m, (u64)address + offset, count, site);
}

FN u32 memory_atomic_wait32(instance *m, u8 *mem, u32 address, u64 offset, u32 expected, u64 timeout, u32 site)
{
    return m->wait(m, (u64)address + offset, expected, (i64)timeout, 4u, site);
}

FN u32 memory_atomic_wait64(instance *m, u8 *mem, u32 address, u64 offset, u64 expected, u64 timeout, u32 site)
{
    return m->wait(m, (u64)address + offset, expected, (i64)timeout, 8u, site);
}

/* The function at an index of the table, which stays as it is from the start, if it has that type. */
FN code callee(instance *m, const struct table_entry *table, u32 length, u32 index, u32 type, u32 site)
{
    PIN(index);
    if (__builtin_expect(index >= length, 0))
        trap(m, 9u, site);
    if (__builtin_expect(table[index].type != type, 0))
        trap(m, table[index].type == 0u ? 10u : 6u, site);
    return table[index].code;
}
