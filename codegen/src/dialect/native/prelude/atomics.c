/* Where an atomic access is: aligned, or a trap, which goes before being out of bounds. What is
   outside of the memory is in the guard behind it. */
FN u8 *atomic(instance *m, u8 *mem, u32 address, u64 offset, u32 bytes, u32 site)
{
    if (__builtin_expect((((u64)address + offset) & (bytes - 1u)) != 0u, 0))
        trap(m, 7u, site);
    return at(mem, address, offset);
}

#define ATOMIC_LOAD(name, T, M) \
    FN T name(instance *m, u8 *mem, u32 address, u64 offset, u32 site) \
    { \
        M *p = (M *)atomic(m, mem, address, offset, sizeof(M), site); \
        return (T)__atomic_load_n(p, __ATOMIC_SEQ_CST); \
    }

ATOMIC_LOAD(i32_atomic_load, u32, u32)
ATOMIC_LOAD(i32_atomic_load8_u, u32, u8)
ATOMIC_LOAD(i32_atomic_load16_u, u32, u16)
ATOMIC_LOAD(i64_atomic_load, u64, u64)
ATOMIC_LOAD(i64_atomic_load8_u, u64, u8)
ATOMIC_LOAD(i64_atomic_load16_u, u64, u16)
ATOMIC_LOAD(i64_atomic_load32_u, u64, u32)

#define ATOMIC_STORE(name, T, M) \
    FN void name(instance *m, u8 *mem, u32 address, u64 offset, T value, u32 site) \
    { \
        M *p = (M *)atomic(m, mem, address, offset, sizeof(M), site); \
        __atomic_store_n(p, (M)value, __ATOMIC_SEQ_CST); \
    }

ATOMIC_STORE(i32_atomic_store, u32, u32)
ATOMIC_STORE(i32_atomic_store8, u32, u8)
ATOMIC_STORE(i32_atomic_store16, u32, u16)
ATOMIC_STORE(i64_atomic_store, u64, u64)
ATOMIC_STORE(i64_atomic_store8, u64, u8)
ATOMIC_STORE(i64_atomic_store16, u64, u16)
ATOMIC_STORE(i64_atomic_store32, u64, u32)

#define ATOMIC_RMW(name, T, M, operation) \
    FN T name(instance *m, u8 *mem, u32 address, u64 offset, T value, u32 site) \
    { \
        M *p = (M *)atomic(m, mem, address, offset, sizeof(M), site); \
        return (T)operation(p, (M)value, __ATOMIC_SEQ_CST); \
    }

ATOMIC_RMW(i32_atomic_rmw_add, u32, u32, __atomic_fetch_add)
ATOMIC_RMW(i32_atomic_rmw8_add_u, u32, u8, __atomic_fetch_add)
ATOMIC_RMW(i32_atomic_rmw16_add_u, u32, u16, __atomic_fetch_add)
ATOMIC_RMW(i64_atomic_rmw_add, u64, u64, __atomic_fetch_add)
ATOMIC_RMW(i64_atomic_rmw8_add_u, u64, u8, __atomic_fetch_add)
ATOMIC_RMW(i64_atomic_rmw16_add_u, u64, u16, __atomic_fetch_add)
ATOMIC_RMW(i64_atomic_rmw32_add_u, u64, u32, __atomic_fetch_add)
ATOMIC_RMW(i32_atomic_rmw_sub, u32, u32, __atomic_fetch_sub)
ATOMIC_RMW(i32_atomic_rmw8_sub_u, u32, u8, __atomic_fetch_sub)
ATOMIC_RMW(i32_atomic_rmw16_sub_u, u32, u16, __atomic_fetch_sub)
ATOMIC_RMW(i64_atomic_rmw_sub, u64, u64, __atomic_fetch_sub)
ATOMIC_RMW(i64_atomic_rmw8_sub_u, u64, u8, __atomic_fetch_sub)
ATOMIC_RMW(i64_atomic_rmw16_sub_u, u64, u16, __atomic_fetch_sub)
ATOMIC_RMW(i64_atomic_rmw32_sub_u, u64, u32, __atomic_fetch_sub)
ATOMIC_RMW(i32_atomic_rmw_and, u32, u32, __atomic_fetch_and)
ATOMIC_RMW(i32_atomic_rmw8_and_u, u32, u8, __atomic_fetch_and)
ATOMIC_RMW(i32_atomic_rmw16_and_u, u32, u16, __atomic_fetch_and)
ATOMIC_RMW(i64_atomic_rmw_and, u64, u64, __atomic_fetch_and)
ATOMIC_RMW(i64_atomic_rmw8_and_u, u64, u8, __atomic_fetch_and)
ATOMIC_RMW(i64_atomic_rmw16_and_u, u64, u16, __atomic_fetch_and)
ATOMIC_RMW(i64_atomic_rmw32_and_u, u64, u32, __atomic_fetch_and)
ATOMIC_RMW(i32_atomic_rmw_or, u32, u32, __atomic_fetch_or)
ATOMIC_RMW(i32_atomic_rmw8_or_u, u32, u8, __atomic_fetch_or)
ATOMIC_RMW(i32_atomic_rmw16_or_u, u32, u16, __atomic_fetch_or)
ATOMIC_RMW(i64_atomic_rmw_or, u64, u64, __atomic_fetch_or)
ATOMIC_RMW(i64_atomic_rmw8_or_u, u64, u8, __atomic_fetch_or)
ATOMIC_RMW(i64_atomic_rmw16_or_u, u64, u16, __atomic_fetch_or)
ATOMIC_RMW(i64_atomic_rmw32_or_u, u64, u32, __atomic_fetch_or)
ATOMIC_RMW(i32_atomic_rmw_xor, u32, u32, __atomic_fetch_xor)
ATOMIC_RMW(i32_atomic_rmw8_xor_u, u32, u8, __atomic_fetch_xor)
ATOMIC_RMW(i32_atomic_rmw16_xor_u, u32, u16, __atomic_fetch_xor)
ATOMIC_RMW(i64_atomic_rmw_xor, u64, u64, __atomic_fetch_xor)
ATOMIC_RMW(i64_atomic_rmw8_xor_u, u64, u8, __atomic_fetch_xor)
ATOMIC_RMW(i64_atomic_rmw16_xor_u, u64, u16, __atomic_fetch_xor)
ATOMIC_RMW(i64_atomic_rmw32_xor_u, u64, u32, __atomic_fetch_xor)
ATOMIC_RMW(i32_atomic_rmw_xchg, u32, u32, __atomic_exchange_n)
ATOMIC_RMW(i32_atomic_rmw8_xchg_u, u32, u8, __atomic_exchange_n)
ATOMIC_RMW(i32_atomic_rmw16_xchg_u, u32, u16, __atomic_exchange_n)
ATOMIC_RMW(i64_atomic_rmw_xchg, u64, u64, __atomic_exchange_n)
ATOMIC_RMW(i64_atomic_rmw8_xchg_u, u64, u8, __atomic_exchange_n)
ATOMIC_RMW(i64_atomic_rmw16_xchg_u, u64, u16, __atomic_exchange_n)
ATOMIC_RMW(i64_atomic_rmw32_xchg_u, u64, u32, __atomic_exchange_n)

/* The expected value is wrapped to the width in memory, as the new one is. It becomes what was there. */
#define ATOMIC_CMPXCHG(name, T, M) \
    FN T name(instance *m, u8 *mem, u32 address, u64 offset, T expected, T value, u32 site) \
    { \
        M *p = (M *)atomic(m, mem, address, offset, sizeof(M), site); \
        M old = (M)expected; \
        __atomic_compare_exchange_n(p, &old, (M)value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
        return (T)old; \
    }

ATOMIC_CMPXCHG(i32_atomic_rmw_cmpxchg, u32, u32)
ATOMIC_CMPXCHG(i32_atomic_rmw8_cmpxchg_u, u32, u8)
ATOMIC_CMPXCHG(i32_atomic_rmw16_cmpxchg_u, u32, u16)
ATOMIC_CMPXCHG(i64_atomic_rmw_cmpxchg, u64, u64)
ATOMIC_CMPXCHG(i64_atomic_rmw8_cmpxchg_u, u64, u8)
ATOMIC_CMPXCHG(i64_atomic_rmw16_cmpxchg_u, u64, u16)
ATOMIC_CMPXCHG(i64_atomic_rmw32_cmpxchg_u, u64, u32)

FN void atomic_fence(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
