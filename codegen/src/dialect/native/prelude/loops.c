/* How often a loop runs that goes on as long as `start`, `start + step` and so on are not `limit`; 0 if that is never, or too often to
 * count. `down` subtracts the step. */
#define TRIPS_NOT_EQUAL(name, T, distance) \
    FN u64 name(T start, T step, T limit) \
    { \
        T left = distance; \
        return left % step == 0 ? (u64)(left / step) + 1ul : 0ul; \
    }

TRIPS_NOT_EQUAL(trips32_up, u32, limit - start)
TRIPS_NOT_EQUAL(trips32_down, u32, start - limit)
TRIPS_NOT_EQUAL(trips64_up, u64, limit - start)
TRIPS_NOT_EQUAL(trips64_down, u64, start - limit)

/* The same as long as they are less; 0 if that may be because they wrap. */
#define TRIPS_LESS(name, T) \
    FN u64 name(T start, T step, T limit) \
    { \
        if (limit > (T)-1 - (step - 1)) \
            return 0ul; \
        return start < limit ? (u64)((limit - start - 1) / step) + 2ul : 1ul; \
    }

TRIPS_LESS(trips32_lt_u, u32)
TRIPS_LESS(trips64_lt_u, u64)

/* The other relations are that one, of numbers that are mirrored, shifted, or one more. */
#define TRIPS_BY(name, T, start_as, limit_as, less, is_last) \
    FN u64 name(T start, T step, T limit) \
    { \
        if (is_last) \
            return 0ul; \
        return less(start_as, step, limit_as); \
    }

TRIPS_BY(trips32_lt_s, u32, start ^ 0x80000000u, limit ^ 0x80000000u, trips32_lt_u, 0)
TRIPS_BY(trips64_lt_s, u64, start ^ 0x8000000000000000ul, limit ^ 0x8000000000000000ul, trips64_lt_u, 0)
TRIPS_BY(trips32_le_u, u32, start, limit + 1u, trips32_lt_u, limit == 0xffffffffu)
TRIPS_BY(trips64_le_u, u64, start, limit + 1ul, trips64_lt_u, limit == 0xfffffffffffffffful)
TRIPS_BY(trips32_le_s, u32, start, limit + 1u, trips32_lt_s, limit == 0x7fffffffu)
TRIPS_BY(trips64_le_s, u64, start, limit + 1ul, trips64_lt_s, limit == 0x7ffffffffffffffful)
TRIPS_BY(trips32_gt_u, u32, ~start, ~limit, trips32_lt_u, 0)
TRIPS_BY(trips64_gt_u, u64, ~start, ~limit, trips64_lt_u, 0)
TRIPS_BY(trips32_gt_s, u32, ~start, ~limit, trips32_lt_s, 0)
TRIPS_BY(trips64_gt_s, u64, ~start, ~limit, trips64_lt_s, 0)
TRIPS_BY(trips32_ge_u, u32, ~start, ~limit, trips32_le_u, 0)
TRIPS_BY(trips64_ge_u, u64, ~start, ~limit, trips64_le_u, 0)
TRIPS_BY(trips32_ge_s, u32, ~start, ~limit, trips32_le_s, 0)
TRIPS_BY(trips64_ge_s, u64, ~start, ~limit, trips64_le_s, 0)

/* Whether an address that changes by `step` in each of so many iterations is a 32-bit number from the first to the last one, and so is
 * whatever is `least` to `most` bytes from it. */
FN int stays(u32 first, i64 step, u64 iterations, i64 least, i64 most)
{
    if (iterations > 1ul << 32)
        return 0;
    i64 last = (i64)first + step * (i64)(iterations - 1ul);
    i64 low = (step < 0 ? last : (i64)first) + least, high = (step < 0 ? (i64)first : last) + most;
    return low >= 0 && high < 1l << 32;
}

/* Whether a number that changes by `step` in each of so many iterations has no bits in common with another one. */
FN int disjoint(u32 first, i64 step, u64 iterations, u32 other)
{
    if (!stays(first, step, iterations, 0, 0))
        return 0;
    u32 last = first + (u32)step * (u32)(iterations - 1ul), most = step < 0 ? first : last;
    u32 bits = most == 0u ? 0u : 0xffffffffu >> __builtin_clz(most);
    return (other & bits) == 0u;
}

/* Whether the bytes from `from` to `to` from one address have none in common with those from `begin` to `end` from another, which changes by
 * `step` in each of so many iterations. Both stay 32-bit numbers. */
FN int apart(u32 address, i64 from, i64 to, u32 first, i64 step, u64 iterations, i64 begin, i64 end)
{
    i64 last = (i64)first + step * (i64)(iterations - 1ul);
    i64 low = (step < 0 ? last : (i64)first) + begin, high = (step < 0 ? (i64)first : last) + end;
    return (i64)address + to <= low || high <= (i64)address + from;
}
