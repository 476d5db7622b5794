FN u32 i32_reinterpret_f32(float a)
{
    u32 bits;
    __builtin_memcpy(&bits, &a, 4);
    return bits;
}

FN float f32_reinterpret_i32(u32 bits)
{
    float a;
    __builtin_memcpy(&a, &bits, 4);
    return a;
}

FN u64 i64_reinterpret_f64(double a)
{
    u64 bits;
    __builtin_memcpy(&bits, &a, 8);
    return bits;
}

FN double f64_reinterpret_i64(u64 bits)
{
    double a;
    __builtin_memcpy(&a, &bits, 8);
    return a;
}

#define SCALAR(name, T, result) FN T name(T a) { return result; }

SCALAR(i32_clz, u32, a == 0u ? 32u : (u32)__builtin_clz(a))
SCALAR(i32_ctz, u32, a == 0u ? 32u : (u32)__builtin_ctz(a))
SCALAR(i32_popcnt, u32, (u32)__builtin_popcount(a))
SCALAR(i32_extend8_s, u32, (u32)(i32)(i8)a)
SCALAR(i32_extend16_s, u32, (u32)(i32)(i16)a)
SCALAR(i64_clz, u64, a == 0ul ? 64ul : (u64)__builtin_clzll(a))
SCALAR(i64_ctz, u64, a == 0ul ? 64ul : (u64)__builtin_ctzll(a))
SCALAR(i64_popcnt, u64, (u64)__builtin_popcountll(a))
SCALAR(i64_extend8_s, u64, (u64)(i64)(i8)a)
SCALAR(i64_extend16_s, u64, (u64)(i64)(i16)a)
SCALAR(i64_extend32_s, u64, (u64)(i64)(i32)a)
SCALAR(f32_abs, float, __builtin_elementwise_abs(a))
SCALAR(f32_ceil, float, __builtin_elementwise_ceil(a))
SCALAR(f32_floor, float, __builtin_elementwise_floor(a))
SCALAR(f32_trunc, float, __builtin_elementwise_trunc(a))
SCALAR(f32_nearest, float, __builtin_elementwise_rint(a))
SCALAR(f32_sqrt, float, __builtin_elementwise_sqrt(a))
SCALAR(f64_abs, double, __builtin_elementwise_abs(a))
SCALAR(f64_ceil, double, __builtin_elementwise_ceil(a))
SCALAR(f64_floor, double, __builtin_elementwise_floor(a))
SCALAR(f64_trunc, double, __builtin_elementwise_trunc(a))
SCALAR(f64_nearest, double, __builtin_elementwise_rint(a))
SCALAR(f64_sqrt, double, __builtin_elementwise_sqrt(a))

#define SCALARS(name, T, result) FN T name(T a, T b) { return result; }

SCALARS(i32_rotl, u32, a << (b & 31u) | a >> (-b & 31u))
SCALARS(i32_rotr, u32, a >> (b & 31u) | a << (-b & 31u))
SCALARS(i64_rotl, u64, a << (b & 63u) | a >> (-b & 63u))
SCALARS(i64_rotr, u64, a >> (b & 63u) | a << (-b & 63u))
SCALARS(f32_copysign, float, __builtin_elementwise_copysign(a, b))
SCALARS(f64_copysign, double, __builtin_elementwise_copysign(a, b))

/* The two selects, which processors have an instruction for, give the same unless both numbers are zeros: then they give b and a. Of zeros, all
   bits together are the lesser one, and the bits that both have the greater one. Where one is not a number, a sum has a quiet NaN of its own
   bits alone. */
#define EXTREME(name, F, bits, from_bits, picks, joins) \
    FN F name(F a, F b) \
    { \
        F found = from_bits(bits(a picks b ? a : b) joins bits(b picks a ? b : a)); \
        return __builtin_isunordered(a, b) ? a + b : found; \
    }

EXTREME(f32_min, float, i32_reinterpret_f32, f32_reinterpret_i32, <, |)
EXTREME(f64_min, double, i64_reinterpret_f64, f64_reinterpret_i64, <, |)
EXTREME(f32_max, float, i32_reinterpret_f32, f32_reinterpret_i32, >, &)
EXTREME(f64_max, double, i64_reinterpret_f64, f64_reinterpret_i64, >, &)

#define DIVIDE_UNSIGNED(name, T, op) \
    FN T name(instance *m, u8 *mem, T a, T b, u32 site) \
    { \
        (void)mem; \
        if (__builtin_expect(b == 0, 0)) \
            trap(m, 3u, site); \
        return a op b; \
    }

DIVIDE_UNSIGNED(i32_div_u, u32, /)
DIVIDE_UNSIGNED(i32_rem_u, u32, %)
DIVIDE_UNSIGNED(i64_div_u, u64, /)
DIVIDE_UNSIGNED(i64_rem_u, u64, %)

/* One quotient is too large. */
#define DIVIDE(name, T, S, least) \
    FN T name(instance *m, u8 *mem, T a, T b, u32 site) \
    { \
        (void)mem; \
        if (__builtin_expect(b == 0, 0)) \
            trap(m, 3u, site); \
        if (__builtin_expect(a == least && (S)b == -1, 0)) \
            trap(m, 4u, site); \
        return (T)((S)a / (S)b); \
    }

DIVIDE(i32_div_s, u32, i32, 0x80000000u)
DIVIDE(i64_div_s, u64, i64, 0x8000000000000000ul)

/* Its remainder is zero all the same, as all are of a division by one or minus one. */
#define REMAIN(name, T, S) \
    FN T name(instance *m, u8 *mem, T a, T b, u32 site) \
    { \
        (void)mem; \
        if (__builtin_expect(b == 0, 0)) \
            trap(m, 3u, site); \
        return (T)((S)a % ((S)b == -1 ? 1 : (S)b)); \
    }

REMAIN(i32_rem_s, u32, i32)
REMAIN(i64_rem_s, u64, i64)

/* `above` and `below` are the nearest floats that do not fit. */
#define TRUNCATE(name, T, F, S, above, below) \
    FN T name(instance *m, u8 *mem, F a, u32 site) \
    { \
        (void)mem; \
        if (__builtin_expect(!(a > above && a < below), 0)) \
            trap(m, a != a ? 5u : 4u, site); \
        return (T)(S)a; \
    }

TRUNCATE(i32_trunc_f32_s, u32, float, i32, -2147483904.0f, 2147483648.0f)
TRUNCATE(i32_trunc_f32_u, u32, float, u32, -1.0f, 4294967296.0f)
TRUNCATE(i32_trunc_f64_s, u32, double, i32, -2147483649.0, 2147483648.0)
TRUNCATE(i32_trunc_f64_u, u32, double, u32, -1.0, 4294967296.0)
TRUNCATE(i64_trunc_f32_s, u64, float, i64, -9223373136366403584.0f, 9223372036854775808.0f)
TRUNCATE(i64_trunc_f32_u, u64, float, u64, -1.0f, 18446744073709551616.0f)
TRUNCATE(i64_trunc_f64_s, u64, double, i64, -9223372036854777856.0, 9223372036854775808.0)
TRUNCATE(i64_trunc_f64_u, u64, double, u64, -1.0, 18446744073709551616.0)

/* The least number for what does not fit, as an instruction of x86 has it: an iteration waits for no comparison and no other register. */
#ifdef __x86_64__
#define TRUNCATE_AT_ONCE(name, F, instruction) \
    FN u32 name(F a) \
    { \
        F __attribute__((vector_size(16))) whole; \
        whole[0] = a; \
        return (u32)((i32 __attribute__((vector_size(16))))instruction(whole))[0]; \
    }
#else
#define TRUNCATE_AT_ONCE(name, F, instruction) \
    FN u32 name(F a) { return __builtin_fabs(a) < 2147483648.0 ? (u32)(i32)a : 0x80000000u; }
#endif

TRUNCATE_AT_ONCE(i32_trunc_f32_s_at_once, float, __builtin_ia32_cvttps2dq)
TRUNCATE_AT_ONCE(i32_trunc_f64_s_at_once, double, __builtin_ia32_cvttpd2dq)

/* The nearest number that fits is converted, the least one for a NaN. What is greater than the greatest float that fits may need another
   result. The order of the two selects matters where a compiler takes minima and maxima that make a quiet NaN of a signalling one. */
#define SATURATE(name, T, F, S, least, most, result) \
    FN T name(F a) \
    { \
        F within = a > most ? most : a; \
        T near = (T)(S)(within > least ? within : least); \
        return result; \
    }

SATURATE(i32_trunc_sat_f32_s, u32, float, i32, -2147483648.0f, 2147483520.0f, a != a ? 0u : a > 2147483520.0f ? 0x7fffffffu : near)
SATURATE(i32_trunc_sat_f32_u, u32, float, u32, 0.0f, 4294967040.0f, a > 4294967040.0f ? 0xffffffffu : near)
SATURATE(i32_trunc_sat_f64_s, u32, double, i32, -2147483648.0, 2147483647.0, a != a ? 0u : near)
SATURATE(i32_trunc_sat_f64_u, u32, double, u32, 0.0, 4294967295.0, near)
SATURATE(i64_trunc_sat_f32_s, u64, float, i64, -9223372036854775808.0f, 9223371487098961920.0f, a != a ? 0ul : a > 9223371487098961920.0f ? 0x7ffffffffffffffful : near)
SATURATE(i64_trunc_sat_f32_u, u64, float, u64, 0.0f, 18446742974197923840.0f, a > 18446742974197923840.0f ? 0xfffffffffffffffful : near)
SATURATE(i64_trunc_sat_f64_s, u64, double, i64, -9223372036854775808.0, 9223372036854774784.0, a != a ? 0ul : a > 9223372036854774784.0 ? 0x7ffffffffffffffful : near)
SATURATE(i64_trunc_sat_f64_u, u64, double, u64, 0.0, 18446744073709549568.0, a > 18446744073709549568.0 ? 0xfffffffffffffffful : near)
