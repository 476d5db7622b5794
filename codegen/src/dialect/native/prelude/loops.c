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

/* From where to where a number goes that changes evenly in a loop's iterations. */
FN reach just(u32 number)
{
    return (reach){(i64)number, (i64)number};
}

/* Whether a loop runs as often as can be compared. */
FN int counts(u64 iterations)
{
    return iterations - 1ul < 1ul << 32;
}

/* The same if it changes by `step`, a constant below two to the 28, in each iteration of a further loop that counts. */
FN reach moved(reach all, i64 step, u64 iterations)
{
    u64 last = (u64)step * (iterations - 1ul);
    return (reach){(i64)((u64)all.low + (step < 0 ? last : 0ul)), (i64)((u64)all.high + (step < 0 ? 0ul : last))};
}

/* The same for any 32-bit number. What is far outside of 32 bits stays there. */
FN reach moved_by(reach all, i64 step, u64 iterations)
{
    const i64 far = 1l << 40;
    i64 last = (i64)((u64)step * (iterations - 1ul));
    if (last > far || last < -far)
        last = far;
    return (reach){all.low + (last < 0 ? last : 0), all.high + (last < 0 ? 0 : last)};
}

/* The same with up to `bound` times `scale`, which is at most two to the 16, beyond it. What is far outside of 32 bits stays there. */
FN reach spread(reach all, u64 bound, u64 scale)
{
    const u64 far = 1ul << 33;
    return (reach){all.low, (i64)((u64)all.high + (bound > far ? far : bound) * scale)};
}

/* The same of any number of 64 bits, as a signed one. One far from 0 becomes all numbers. */
FN reach just_64(u64 number)
{
    i64 signed_number = (i64)number;
    const i64 near = 1l << 60;
    if (signed_number < -near || signed_number > near)
        return (reach){-(1l << 61), 1l << 61};
    return (reach){signed_number, signed_number};
}

/* The same if it changes by `step` in each iteration of a further loop that counts; four such loops get no further than that. */
FN reach moved_64(reach all, i64 step, u64 iterations)
{
    const i64 near = 1l << 26;
    if (step < -near || step > near)
        return (reach){-(1l << 61), 1l << 61};
    i64 last = (i64)((u64)step * (iterations - 1ul));
    return (reach){all.low + (last < 0 ? last : 0), all.high + (last < 0 ? 0 : last)};
}

/* Whether numbers do not wrap, even if up to `beyond` is added or subtracted, which is less than two to the 31. */
FN int steady32_s(reach all, i64 beyond)
{
    return all.low - beyond >= -(1l << 31) && all.high + beyond < 1l << 31;
}

FN int steady32_u(reach all, i64 beyond)
{
    return all.low - beyond >= 0 && all.high + beyond < 1l << 32;
}

FN int steady64_s(reach all, i64 beyond)
{
    return all.low - beyond > -(1l << 61) && all.high + beyond < 1l << 61;
}

FN int steady64_u(reach all, i64 beyond)
{
    return all.low - beyond >= 0 && all.high + beyond < 1l << 61;
}

/* Whether all that is `least` to `most` bytes from addresses are 32-bit numbers. */
FN int stays(reach all, i64 least, i64 most)
{
    return all.low + least >= 0 && all.high + most < 1l << 32;
}

/* Whether no two of two kinds of 32-bit numbers have bits in common: those of one kind are less than the least bit that any of the other can
 * have, which is one of its bits. */
FN int disjoint(reach left, u32 left_bits, reach right, u32 right_bits)
{
    if (!stays(left, 0, 0) || !stays(right, 0, 0))
        return 0;
    i64 left_least = left_bits == 0u ? 1l << 32 : (i64)(left_bits & -left_bits);
    i64 right_least = right_bits == 0u ? 1l << 32 : (i64)(right_bits & -right_bits);
    return left.high < right_least || right.high < left_least;
}

/* Whether the bytes from `from` to `to` from some addresses have none in common with those from `begin` to `end` from others. The addresses
 * are 32-bit numbers. */
FN int apart(reach some, i64 from, i64 to, reach others, i64 begin, i64 end)
{
    return some.high + to <= others.low + begin || others.high + end <= some.low + from;
}

/* Whether so many bytes at one address have any in common with so many at another. */
FN int touches(u64 address, u64 bytes, u64 other, u64 other_bytes)
{
    return __builtin_expect(address - other + (bytes - 1ul) < bytes + other_bytes - 1ul, 0);
}
