#define VECTOR(name, T, bytes) typedef T name __attribute__((vector_size(bytes)));

VECTOR(u8x16, u8, 16)
VECTOR(i8x16, i8, 16)
VECTOR(u16x8, u16, 16)
VECTOR(i16x8, i16, 16)
VECTOR(i32x4, i32, 16)
VECTOR(u64x2, u64, 16)
VECTOR(i64x2, i64, 16)
VECTOR(f32x4, float, 16)
VECTOR(f64x2, double, 16)
VECTOR(u8x8, u8, 8)
VECTOR(i8x8, i8, 8)
VECTOR(u16x4, u16, 8)
VECTOR(i16x4, i16, 8)
VECTOR(u32x2, u32, 8)
VECTOR(i32x2, i32, 8)
VECTOR(f32x2, float, 8)
VECTOR(u16x16, u16, 32)
VECTOR(i16x16, i16, 32)
VECTOR(u32x8, u32, 32)
VECTOR(i32x8, i32, 32)

/* Halves of sixteen, eight or four lanes. */
#define LOW16(x) __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7)

#define LOW8(x) __builtin_shufflevector(x, x, 0, 1, 2, 3)

#define LOW4(x) __builtin_shufflevector(x, x, 0, 1)

#define HIGH16(x) __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15)

#define HIGH8(x) __builtin_shufflevector(x, x, 4, 5, 6, 7)

#define HIGH4(x) __builtin_shufflevector(x, x, 2, 3)

#define EVEN8(x) __builtin_shufflevector(x, x, 0, 2, 4, 6)

#define ODD8(x) __builtin_shufflevector(x, x, 1, 3, 5, 7)

/* Two vectors, one behind the other: the lanes of each double. */
#define BOTH8(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

#define BOTH4(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7)

#define BOTH2(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3)

FN v128 v128_bitselect(v128 a, v128 b, v128 mask)
{
    return (a & mask) | (b & ~mask);
}

/* The lanes of x where the mask has ones, those of y where it has zeros. */
#define CHOOSE(name, T, M) FN T name(M mask, T x, T y) { return (T)((mask & (M)x) | (~mask & (M)y)); }

CHOOSE(choose_i8x16, i8x16, i8x16)
CHOOSE(choose_i32x4, i32x4, i32x4)
CHOOSE(choose_i64x2, i64x2, i64x2)
CHOOSE(choose_f32x4, f32x4, i32x4)
CHOOSE(choose_f64x2, f64x2, i64x2)

/* What x86-64 has an instruction for, and what is done elsewhere: the same, unless WebAssembly leaves the choice (`relaxed`). */
#ifdef __x86_64__
#define X86_64(here, elsewhere) here
#else
#define X86_64(here, elsewhere) elsewhere
#endif

/* The lanes of x where they are less or greater, else those of y. */
#define PICK(name, T, here, choose, op) FN T name(T x, T y) { return X86_64(here(x, y), choose(x op y, x, y)); }

PICK(lesser_f32x4, f32x4, __builtin_ia32_minps, choose_f32x4, <)
PICK(lesser_f64x2, f64x2, __builtin_ia32_minpd, choose_f64x2, <)
PICK(greater_f32x4, f32x4, __builtin_ia32_maxps, choose_f32x4, >)
PICK(greater_f64x2, f64x2, __builtin_ia32_maxpd, choose_f64x2, >)

/* The lanes as T, an expression of `x`, back to bits. */
#define LANES(name, T, result) FN v128 name(v128 a) { T x = (T)a; return (v128)(result); }

LANES(i8x16_neg, u8x16, -x)
LANES(i16x8_neg, u16x8, -x)
LANES(i32x4_neg, v128, -x)
LANES(i64x2_neg, u64x2, -x)
LANES(i8x16_abs, i8x16, __builtin_elementwise_abs(x))
LANES(i16x8_abs, i16x8, __builtin_elementwise_abs(x))
LANES(i32x4_abs, i32x4, __builtin_elementwise_abs(x))
LANES(i64x2_abs, i64x2, __builtin_elementwise_abs(x))
LANES(v128_not, v128, ~x)
LANES(f32x4_abs, f32x4, __builtin_elementwise_abs(x))
LANES(f64x2_abs, f64x2, __builtin_elementwise_abs(x))
LANES(f32x4_neg, f32x4, -x)
LANES(f64x2_neg, f64x2, -x)
LANES(f32x4_sqrt, f32x4, __builtin_elementwise_sqrt(x))
LANES(f64x2_sqrt, f64x2, __builtin_elementwise_sqrt(x))
LANES(f32x4_ceil, f32x4, __builtin_elementwise_ceil(x))
LANES(f64x2_ceil, f64x2, __builtin_elementwise_ceil(x))
LANES(f32x4_floor, f32x4, __builtin_elementwise_floor(x))
LANES(f64x2_floor, f64x2, __builtin_elementwise_floor(x))
LANES(f32x4_trunc, f32x4, __builtin_elementwise_trunc(x))
LANES(f64x2_trunc, f64x2, __builtin_elementwise_trunc(x))
LANES(f32x4_nearest, f32x4, __builtin_elementwise_rint(x))
LANES(f64x2_nearest, f64x2, __builtin_elementwise_rint(x))
LANES(i16x8_extend_low_i8x16_s, i8x16, __builtin_convertvector(LOW16(x), i16x8))
LANES(i16x8_extend_high_i8x16_s, i8x16, __builtin_convertvector(HIGH16(x), i16x8))
LANES(i16x8_extend_low_i8x16_u, u8x16, __builtin_convertvector(LOW16(x), u16x8))
LANES(i16x8_extend_high_i8x16_u, u8x16, __builtin_convertvector(HIGH16(x), u16x8))
LANES(i32x4_extend_low_i16x8_s, i16x8, __builtin_convertvector(LOW8(x), i32x4))
LANES(i32x4_extend_high_i16x8_s, i16x8, __builtin_convertvector(HIGH8(x), i32x4))
LANES(i32x4_extend_low_i16x8_u, u16x8, __builtin_convertvector(LOW8(x), v128))
LANES(i32x4_extend_high_i16x8_u, u16x8, __builtin_convertvector(HIGH8(x), v128))
LANES(i64x2_extend_low_i32x4_s, i32x4, __builtin_convertvector(LOW4(x), i64x2))
LANES(i64x2_extend_high_i32x4_s, i32x4, __builtin_convertvector(HIGH4(x), i64x2))
LANES(i64x2_extend_low_i32x4_u, v128, __builtin_convertvector(LOW4(x), u64x2))
LANES(i64x2_extend_high_i32x4_u, v128, __builtin_convertvector(HIGH4(x), u64x2))
LANES(i16x8_extadd_pairwise_i8x16_s, u16x8, ((i16x8)(x << 8) >> 8) + ((i16x8)x >> 8))
LANES(i16x8_extadd_pairwise_i8x16_u, u16x8, (x & 0xff) + (x >> 8))
LANES(i32x4_extadd_pairwise_i16x8_s, v128, ((i32x4)(x << 16) >> 16) + ((i32x4)x >> 16))
LANES(i32x4_extadd_pairwise_i16x8_u, v128, (x & 0xffffu) + (x >> 16))
LANES(f32x4_convert_i32x4_s, i32x4, __builtin_convertvector(x, f32x4))
LANES(f32x4_convert_i32x4_u, v128, __builtin_convertvector(x, f32x4))
LANES(f64x2_convert_low_i32x4_s, i32x4, __builtin_convertvector(LOW4(x), f64x2))
LANES(f64x2_convert_low_i32x4_u, v128, __builtin_convertvector(LOW4(x), f64x2))
LANES(f64x2_promote_low_f32x4, f32x4, __builtin_convertvector(LOW4(x), f64x2))
LANES(f32x4_demote_f64x2_zero, f64x2, BOTH2(__builtin_convertvector(x, f32x2), (f32x2){0}))

/* Bits are counted in pairs of bits, then in fours, then in all of a byte. */
FN v128 i8x16_popcnt(v128 a)
{
    u8x16 x = (u8x16)a;
    x = x - (x >> 1 & 0x55);
    x = (x & 0x33) + (x >> 2 & 0x33);
    return (v128)((x + (x >> 4)) & 0x0f);
}

/* Of what does not fit, x86-64's instruction makes 0x80000000. Elsewhere such numbers are converted as zero and then replaced. */
FN v128 i32x4_relaxed_trunc_f32x4_s(v128 a)
{
    f32x4 x = (f32x4)a;
#ifdef __x86_64__
    return (v128)__builtin_ia32_cvttps2dq(x);
#else
    i32x4 below = x < -2147483648.0f, above = x >= 2147483648.0f;
    i32x4 fits = (x >= -2147483648.0f) & ~above;
    v128 near = (v128)__builtin_convertvector((f32x4)((i32x4)x & fits), i32x4);
    return near | ((v128)below & 0x80000000u) | ((v128)above & 0x7fffffffu);
#endif
}

/* All bits of x86-64's 0x80000000 are changed where the number is too large, and a NaN is zero. */
FN v128 i32x4_trunc_sat_f32x4_s(v128 a)
{
    f32x4 x = (f32x4)a;
    v128 near = i32x4_relaxed_trunc_f32x4_s(a);
    return (near ^ X86_64((v128)(x >= 2147483648.0f), 0u)) & (v128)(x == x);
}

/* What does not fit is converted as zero; if it is too large, it has all bits then. */
FN v128 i32x4_trunc_sat_f32x4_u(v128 a)
{
    f32x4 x = (f32x4)a;
    i32x4 above = x >= 4294967296.0f;
    i32x4 fits = (x > -1.0f) & ~above;
    return __builtin_convertvector((f32x4)((i32x4)x & fits), v128) | (v128)above;
}

/* The nearest integer that fits is a number here, too. */
#define TRUNCATE_PAIR(name, least, most, T) \
    FN v128 name(v128 a) \
    { \
        f64x2 x = (f64x2)((i64x2)a & ((f64x2)a == (f64x2)a)); \
        x = greater_f64x2(x, (f64x2){least, least}); \
        x = lesser_f64x2(x, (f64x2){most, most}); \
        return (v128)BOTH2(__builtin_convertvector(x, T), (T){0}); \
    }

TRUNCATE_PAIR(i32x4_trunc_sat_f64x2_s_zero, -2147483648.0, 2147483647.0, i32x2)
TRUNCATE_PAIR(i32x4_trunc_sat_f64x2_u_zero, 0.0, 4294967295.0, u32x2)

#define RELAXED_TRUNCATE(name, result) FN v128 name(v128 a) { return (v128)(result); }

RELAXED_TRUNCATE(i32x4_relaxed_trunc_f32x4_u, i32x4_trunc_sat_f32x4_u(a))
RELAXED_TRUNCATE(i32x4_relaxed_trunc_f64x2_s_zero, X86_64(__builtin_ia32_cvttpd2dq((f64x2)a), i32x4_trunc_sat_f64x2_s_zero(a)))
RELAXED_TRUNCATE(i32x4_relaxed_trunc_f64x2_u_zero, i32x4_trunc_sat_f64x2_u_zero(a))

#define PAIRS(name, T, result) FN v128 name(v128 a, v128 b) { T x = (T)a, y = (T)b; return (v128)(result); }

PAIRS(v128_andnot, v128, x & ~y)
PAIRS(i8x16_add, u8x16, x + y)
PAIRS(i16x8_add, u16x8, x + y)
PAIRS(i32x4_add, v128, x + y)
PAIRS(i64x2_add, u64x2, x + y)
PAIRS(f32x4_add, f32x4, x + y)
PAIRS(f64x2_add, f64x2, x + y)
PAIRS(i8x16_sub, u8x16, x - y)
PAIRS(i16x8_sub, u16x8, x - y)
PAIRS(i32x4_sub, v128, x - y)
PAIRS(i64x2_sub, u64x2, x - y)
PAIRS(f32x4_sub, f32x4, x - y)
PAIRS(f64x2_sub, f64x2, x - y)
PAIRS(i16x8_mul, u16x8, x * y)
PAIRS(i32x4_mul, v128, x * y)
PAIRS(i64x2_mul, u64x2, x * y)
PAIRS(f32x4_mul, f32x4, x * y)
PAIRS(f64x2_mul, f64x2, x * y)
PAIRS(f32x4_div, f32x4, x / y)
PAIRS(f64x2_div, f64x2, x / y)
PAIRS(i8x16_add_sat_s, i8x16, __builtin_elementwise_add_sat(x, y))
PAIRS(i8x16_add_sat_u, u8x16, __builtin_elementwise_add_sat(x, y))
PAIRS(i16x8_add_sat_s, i16x8, __builtin_elementwise_add_sat(x, y))
PAIRS(i16x8_add_sat_u, u16x8, __builtin_elementwise_add_sat(x, y))
PAIRS(i8x16_sub_sat_s, i8x16, __builtin_elementwise_sub_sat(x, y))
PAIRS(i8x16_sub_sat_u, u8x16, __builtin_elementwise_sub_sat(x, y))
PAIRS(i16x8_sub_sat_s, i16x8, __builtin_elementwise_sub_sat(x, y))
PAIRS(i16x8_sub_sat_u, u16x8, __builtin_elementwise_sub_sat(x, y))
PAIRS(i8x16_min_s, i8x16, __builtin_elementwise_min(x, y))
PAIRS(i8x16_min_u, u8x16, __builtin_elementwise_min(x, y))
PAIRS(i8x16_max_s, i8x16, __builtin_elementwise_max(x, y))
PAIRS(i8x16_max_u, u8x16, __builtin_elementwise_max(x, y))
PAIRS(i16x8_min_s, i16x8, __builtin_elementwise_min(x, y))
PAIRS(i16x8_min_u, u16x8, __builtin_elementwise_min(x, y))
PAIRS(i16x8_max_s, i16x8, __builtin_elementwise_max(x, y))
PAIRS(i16x8_max_u, u16x8, __builtin_elementwise_max(x, y))
PAIRS(i32x4_min_s, i32x4, __builtin_elementwise_min(x, y))
PAIRS(i32x4_min_u, v128, __builtin_elementwise_min(x, y))
PAIRS(i32x4_max_s, i32x4, __builtin_elementwise_max(x, y))
PAIRS(i32x4_max_u, v128, __builtin_elementwise_max(x, y))
PAIRS(i8x16_avgr_u, u8x16, __builtin_convertvector((__builtin_convertvector(x, u16x16) + __builtin_convertvector(y, u16x16) + 1) >> 1, u8x16))
PAIRS(i16x8_avgr_u, u16x8, __builtin_convertvector((__builtin_convertvector(x, u32x8) + __builtin_convertvector(y, u32x8) + 1u) >> 1, u16x8))
PAIRS(f32x4_pmin, f32x4, lesser_f32x4(y, x))
PAIRS(f64x2_pmin, f64x2, lesser_f64x2(y, x))
PAIRS(f32x4_pmax, f32x4, greater_f32x4(y, x))
PAIRS(f64x2_pmax, f64x2, greater_f64x2(y, x))
PAIRS(i8x16_eq, u8x16, x == y)
PAIRS(i8x16_ne, u8x16, x != y)
PAIRS(i8x16_lt_s, i8x16, x < y)
PAIRS(i8x16_lt_u, u8x16, x < y)
PAIRS(i8x16_gt_s, i8x16, x > y)
PAIRS(i8x16_gt_u, u8x16, x > y)
PAIRS(i8x16_le_s, i8x16, x <= y)
PAIRS(i8x16_le_u, u8x16, x <= y)
PAIRS(i8x16_ge_s, i8x16, x >= y)
PAIRS(i8x16_ge_u, u8x16, x >= y)
PAIRS(i16x8_eq, u16x8, x == y)
PAIRS(i16x8_ne, u16x8, x != y)
PAIRS(i16x8_lt_s, i16x8, x < y)
PAIRS(i16x8_lt_u, u16x8, x < y)
PAIRS(i16x8_gt_s, i16x8, x > y)
PAIRS(i16x8_gt_u, u16x8, x > y)
PAIRS(i16x8_le_s, i16x8, x <= y)
PAIRS(i16x8_le_u, u16x8, x <= y)
PAIRS(i16x8_ge_s, i16x8, x >= y)
PAIRS(i16x8_ge_u, u16x8, x >= y)
PAIRS(i32x4_eq, v128, x == y)
PAIRS(i32x4_ne, v128, x != y)
PAIRS(i32x4_lt_s, i32x4, x < y)
PAIRS(i32x4_lt_u, v128, x < y)
PAIRS(i32x4_gt_s, i32x4, x > y)
PAIRS(i32x4_gt_u, v128, x > y)
PAIRS(i32x4_le_s, i32x4, x <= y)
PAIRS(i32x4_le_u, v128, x <= y)
PAIRS(i32x4_ge_s, i32x4, x >= y)
PAIRS(i32x4_ge_u, v128, x >= y)
PAIRS(i64x2_eq, u64x2, x == y)
PAIRS(i64x2_ne, u64x2, x != y)
PAIRS(i64x2_lt_s, i64x2, x < y)
PAIRS(i64x2_gt_s, i64x2, x > y)
PAIRS(i64x2_le_s, i64x2, x <= y)
PAIRS(i64x2_ge_s, i64x2, x >= y)
PAIRS(f32x4_eq, f32x4, x == y)
PAIRS(f32x4_ne, f32x4, x != y)
PAIRS(f32x4_lt, f32x4, x < y)
PAIRS(f32x4_gt, f32x4, x > y)
PAIRS(f32x4_le, f32x4, x <= y)
PAIRS(f32x4_ge, f32x4, x >= y)
PAIRS(f64x2_eq, f64x2, x == y)
PAIRS(f64x2_ne, f64x2, x != y)
PAIRS(f64x2_lt, f64x2, x < y)
PAIRS(f64x2_gt, f64x2, x > y)
PAIRS(f64x2_le, f64x2, x <= y)
PAIRS(f64x2_ge, f64x2, x >= y)
PAIRS(i16x8_extmul_low_i8x16_s, i8x16, __builtin_convertvector(LOW16(x), i16x8) * __builtin_convertvector(LOW16(y), i16x8))
PAIRS(i16x8_extmul_high_i8x16_s, i8x16, __builtin_convertvector(HIGH16(x), i16x8) * __builtin_convertvector(HIGH16(y), i16x8))
PAIRS(i16x8_extmul_low_i8x16_u, u8x16, __builtin_convertvector(LOW16(x), u16x8) * __builtin_convertvector(LOW16(y), u16x8))
PAIRS(i16x8_extmul_high_i8x16_u, u8x16, __builtin_convertvector(HIGH16(x), u16x8) * __builtin_convertvector(HIGH16(y), u16x8))
PAIRS(i32x4_extmul_low_i16x8_s, i16x8, __builtin_convertvector(LOW8(x), i32x4) * __builtin_convertvector(LOW8(y), i32x4))
PAIRS(i32x4_extmul_high_i16x8_s, i16x8, __builtin_convertvector(HIGH8(x), i32x4) * __builtin_convertvector(HIGH8(y), i32x4))
PAIRS(i32x4_extmul_low_i16x8_u, u16x8, __builtin_convertvector(LOW8(x), v128) * __builtin_convertvector(LOW8(y), v128))
PAIRS(i32x4_extmul_high_i16x8_u, u16x8, __builtin_convertvector(HIGH8(x), v128) * __builtin_convertvector(HIGH8(y), v128))
PAIRS(i64x2_extmul_low_i32x4_s, i32x4, __builtin_convertvector(LOW4(x), i64x2) * __builtin_convertvector(LOW4(y), i64x2))
PAIRS(i64x2_extmul_high_i32x4_s, i32x4, __builtin_convertvector(HIGH4(x), i64x2) * __builtin_convertvector(HIGH4(y), i64x2))
PAIRS(i64x2_extmul_low_i32x4_u, v128, __builtin_convertvector(LOW4(x), u64x2) * __builtin_convertvector(LOW4(y), u64x2))
PAIRS(i64x2_extmul_high_i32x4_u, v128, __builtin_convertvector(HIGH4(x), u64x2) * __builtin_convertvector(HIGH4(y), u64x2))
PAIRS(i32x4_dot_i16x8_s, i16x8, (v128)(__builtin_convertvector(EVEN8(x), i32x4) * __builtin_convertvector(EVEN8(y), i32x4)) + (v128)(__builtin_convertvector(ODD8(x), i32x4) * __builtin_convertvector(ODD8(y), i32x4)))

/* As for scalars (`f32_min`); but where one is not a number, the result is a NaN without other bits. */
#define EXTREMES(name, T, I, pick, joins, choose, nan) \
    FN v128 name(v128 a, v128 b) \
    { \
        T x = (T)a, y = (T)b; \
        return (v128)choose((x == x) & (y == y), (T)((v128)pick(x, y) joins (v128)pick(y, x)), (T)((I){0} + (nan))); \
    }

EXTREMES(f32x4_min, f32x4, v128, lesser_f32x4, |, choose_f32x4, 0xffc00000u)
EXTREMES(f64x2_min, f64x2, u64x2, lesser_f64x2, |, choose_f64x2, 0xfff8000000000000ul)
EXTREMES(f32x4_max, f32x4, v128, greater_f32x4, &, choose_f32x4, 0xffc00000u)
EXTREMES(f64x2_max, f64x2, u64x2, greater_f64x2, &, choose_f64x2, 0xfff8000000000000ul)

#define RELAXED_PAIRS(name, here, elsewhere) FN v128 name(v128 a, v128 b) { return X86_64(here, elsewhere)(a, b); }

RELAXED_PAIRS(f32x4_relaxed_min, f32x4_pmin, f32x4_min)
RELAXED_PAIRS(f32x4_relaxed_max, f32x4_pmax, f32x4_max)
RELAXED_PAIRS(f64x2_relaxed_min, f64x2_pmin, f64x2_min)
RELAXED_PAIRS(f64x2_relaxed_max, f64x2_pmax, f64x2_max)

#define NARROW(name, T, W, both, N, least, most) \
    FN v128 name(v128 a, v128 b) \
    { \
        W x = both((T)a, (T)b); \
        x = __builtin_elementwise_max(x, (W){0} + least); \
        x = __builtin_elementwise_min(x, (W){0} + most); \
        return (v128)__builtin_convertvector(x, N); \
    }

NARROW(i8x16_narrow_i16x8_s, i16x8, i16x16, BOTH8, i8x16, (i16)-128, (i16)127)
NARROW(i8x16_narrow_i16x8_u, i16x8, i16x16, BOTH8, u8x16, (i16)0, (i16)255)
NARROW(i16x8_narrow_i32x4_s, i32x4, i32x8, BOTH4, i16x8, -32768, 32767)
NARROW(i16x8_narrow_i32x4_u, i32x4, i32x8, BOTH4, u16x8, 0, 65535)

/* One product is too large. It is left wrapped. */
FN v128 multiply_q15(v128 a, v128 b)
{
    i32x8 product = __builtin_convertvector((i16x8)a, i32x8) * __builtin_convertvector((i16x8)b, i32x8);
    return (v128)__builtin_convertvector((product + 0x4000) >> 15, i16x8);
}

/* Only the one that is too large gives the least number; the largest has all other bits. */
FN v128 i16x8_q15mulr_sat_s(v128 a, v128 b)
{
    i16x8 product = (i16x8)multiply_q15(a, b);
    return (v128)(product ^ (product == (i16)-32768));
}

RELAXED_PAIRS(i16x8_relaxed_q15mulr_s, multiply_q15, i16x8_q15mulr_sat_s)

/* The lanes of x with these numbers modulo 16, zeros for numbers from 128 on: an instruction of x86-64's. */
FN v128 permute(v128 x, v128 numbers)
{
#ifdef __SSSE3__
    return (v128)__builtin_ia32_pshufb128((i8x16)x, (i8x16)numbers);
#else
    u8x16 from = (u8x16)x, number = (u8x16)numbers, to = {0};
    for (u32 i = 0u; i < 16u; i++)
        to[i] = number[i] < 128u ? from[number[i] % 16u] : (u8)0;
    return (v128)to;
#endif
}

/* What is added makes 128 of 16. */
FN v128 i8x16_swizzle(v128 a, v128 b)
{
#ifdef __aarch64__
    return (v128)__builtin_neon_vqtbl1q_v((i8x16)a, (i8x16)b, 48);
#else
    return permute(a, (v128)__builtin_elementwise_add_sat((u8x16)b, (u8x16){0} + (u8)112));
#endif
}

RELAXED_PAIRS(i8x16_relaxed_swizzle, permute, i8x16_swizzle)

#define i8x16_shuffle(a, b, ...) ((vector)__builtin_shufflevector((u8x16)(a), (u8x16)(b), __VA_ARGS__))

/* x86-64 chooses by the lanes' upmost bits, but there is no such instruction for 16 bits. */
#define SELECT_RELAXED(name, T, choose) \
    FN v128 name(v128 a, v128 b, v128 mask) \
    { \
        return X86_64((v128)choose((T)mask < 0, (T)a, (T)b), v128_bitselect(a, b, mask)); \
    }

SELECT_RELAXED(i8x16_relaxed_laneselect, i8x16, choose_i8x16)
SELECT_RELAXED(i32x4_relaxed_laneselect, i32x4, choose_i32x4)
SELECT_RELAXED(i64x2_relaxed_laneselect, i64x2, choose_i64x2)

FN v128 i16x8_relaxed_laneselect(v128 a, v128 b, v128 mask)
{
    return v128_bitselect(a, b, mask);
}

#define FUSED(name, T, sign) FN v128 name(v128 a, v128 b, v128 c) { return (v128)__builtin_elementwise_fma(sign(T)a, (T)b, (T)c); }

FUSED(f32x4_relaxed_madd, f32x4, +)
FUSED(f32x4_relaxed_nmadd, f32x4, -)
FUSED(f64x2_relaxed_madd, f64x2, +)
FUSED(f64x2_relaxed_nmadd, f64x2, -)

#define SHIFT(name, V, T, mask, op) FN v128 name(v128 a, u32 count) { return (v128)((V)a op (T)(count & mask)); }

SHIFT(i8x16_shl, u8x16, u8, 7u, <<)
SHIFT(i8x16_shr_s, i8x16, i8, 7u, >>)
SHIFT(i8x16_shr_u, u8x16, u8, 7u, >>)
SHIFT(i16x8_shl, u16x8, u16, 15u, <<)
SHIFT(i16x8_shr_s, i16x8, i16, 15u, >>)
SHIFT(i16x8_shr_u, u16x8, u16, 15u, >>)
SHIFT(i32x4_shl, v128, u32, 31u, <<)
SHIFT(i32x4_shr_s, i32x4, i32, 31u, >>)
SHIFT(i32x4_shr_u, v128, u32, 31u, >>)
SHIFT(i64x2_shl, u64x2, u64, 63u, <<)
SHIFT(i64x2_shr_s, i64x2, i64, 63u, >>)
SHIFT(i64x2_shr_u, u64x2, u64, 63u, >>)

#define SPLAT(name, T, result) FN v128 name(T a) { return (v128)(result); }

SPLAT(i8x16_splat, u32, (u8x16){0} + (u8)a)
SPLAT(i16x8_splat, u32, (u16x8){0} + (u16)a)
SPLAT(i32x4_splat, u32, (v128){0} + a)
SPLAT(i64x2_splat, u64, (u64x2){0} + a)
SPLAT(f32x4_splat, float, ((f32x4){a, a, a, a}))
SPLAT(f64x2_splat, double, ((f64x2){a, a}))

#define EXTRACT(name, V, T, S) FN T name(v128 a, u32 lane) { return (T)(S)((V)a)[lane]; }

EXTRACT(i8x16_extract_lane_s, i8x16, u32, i32)
EXTRACT(i8x16_extract_lane_u, u8x16, u32, u32)
EXTRACT(i16x8_extract_lane_s, i16x8, u32, i32)
EXTRACT(i16x8_extract_lane_u, u16x8, u32, u32)
EXTRACT(i32x4_extract_lane, v128, u32, u32)
EXTRACT(i64x2_extract_lane, u64x2, u64, u64)
EXTRACT(f32x4_extract_lane, f32x4, float, float)
EXTRACT(f64x2_extract_lane, f64x2, double, double)

#define REPLACE(name, V, A, T) \
    FN v128 name(v128 a, A value, u32 lane) \
    { \
        V x = (V)a; \
        x[lane] = (T)value; \
        return (v128)x; \
    }

REPLACE(i8x16_replace_lane, u8x16, u32, u8)
REPLACE(i16x8_replace_lane, u16x8, u32, u16)
REPLACE(i32x4_replace_lane, v128, u32, u32)
REPLACE(i64x2_replace_lane, u64x2, u64, u64)
REPLACE(f32x4_replace_lane, f32x4, float, float)
REPLACE(f64x2_replace_lane, f64x2, double, double)

#define TEST(name, T, result) FN u32 name(v128 a) { T x = (T)a; return (u32)(result); }

TEST(v128_any_true, v128, __builtin_reduce_or(x) != 0)
TEST(i8x16_all_true, u8x16, __builtin_reduce_or(x == 0) == 0)
TEST(i16x8_all_true, u16x8, __builtin_reduce_or(x == 0) == 0)
TEST(i32x4_all_true, v128, __builtin_reduce_or(x == 0u) == 0)
TEST(i64x2_all_true, u64x2, __builtin_reduce_or(x == 0ul) == 0)

/* The uppermost bit of each lane, the first one's lowest. */
FN u32 i8x16_bitmask(v128 a)
{
    typedef _Bool bits16 __attribute__((ext_vector_type(16)));
    bits16 negative = __builtin_convertvector((i8x16)a < 0, bits16);
    u16 mask;
    __builtin_memcpy(&mask, &negative, 2);
    return mask;
}

FN u32 i16x8_bitmask(v128 a)
{
    typedef _Bool bits8 __attribute__((ext_vector_type(8)));
    bits8 negative = __builtin_convertvector((i16x8)a < 0, bits8);
    u8 mask;
    __builtin_memcpy(&mask, &negative, 1);
    return mask;
}

FN u32 i32x4_bitmask(v128 a)
{
#ifdef __x86_64__
    return (u32)__builtin_ia32_movmskps((f32x4)a);
#else
    return __builtin_reduce_or((a >> 31) << (v128){0, 1, 2, 3});
#endif
}

FN u32 i64x2_bitmask(v128 a)
{
#ifdef __x86_64__
    return (u32)__builtin_ia32_movmskpd((f64x2)a);
#else
    u64x2 x = (u64x2)a >> 63;
    return (u32)(x[0] | x[1] << 1);
#endif
}

#define LOAD_VECTOR(name, T, load, result) \
    FN v128 name(instance *m, u8 *mem, u32 address, u64 offset, u32 site) \
    { \
        T bits = (T)load(mem, address, offset, m, site); \
        return (v128)(result); \
    }

LOAD_VECTOR(v128_load8x8_s, i8x8, load64, __builtin_convertvector(bits, i16x8))
LOAD_VECTOR(v128_load8x8_u, u8x8, load64, __builtin_convertvector(bits, u16x8))
LOAD_VECTOR(v128_load16x4_s, i16x4, load64, __builtin_convertvector(bits, i32x4))
LOAD_VECTOR(v128_load16x4_u, u16x4, load64, __builtin_convertvector(bits, v128))
LOAD_VECTOR(v128_load32x2_s, i32x2, load64, __builtin_convertvector(bits, i64x2))
LOAD_VECTOR(v128_load32x2_u, u32x2, load64, __builtin_convertvector(bits, u64x2))
LOAD_VECTOR(v128_load8_splat, u32, load8, i8x16_splat(bits))
LOAD_VECTOR(v128_load16_splat, u32, load16, i16x8_splat(bits))
LOAD_VECTOR(v128_load32_splat, u32, load32, i32x4_splat(bits))
LOAD_VECTOR(v128_load64_splat, u64, load64, i64x2_splat(bits))
LOAD_VECTOR(v128_load32_zero, u32, load32, (v128){bits})
LOAD_VECTOR(v128_load64_zero, u64, load64, (u64x2){bits})

#define LOAD_LANE(name, replace, load) \
    FN v128 name(instance *m, u8 *mem, u32 address, u64 offset, v128 vector, u32 lane, u32 site) \
    { \
        return replace(vector, load(mem, address, offset, m, site), lane); \
    }

LOAD_LANE(v128_load8_lane, i8x16_replace_lane, load8)
LOAD_LANE(v128_load16_lane, i16x8_replace_lane, load16)
LOAD_LANE(v128_load32_lane, i32x4_replace_lane, load32)
LOAD_LANE(v128_load64_lane, i64x2_replace_lane, load64)

#define STORE_LANE(name, T, extract, store) \
    FN void name(instance *m, u8 *mem, u32 address, u64 offset, v128 vector, u32 lane, u32 site) \
    { \
        store(mem, address, offset, (T)extract(vector, lane), m, site); \
    }

STORE_LANE(v128_store8_lane, u8, i8x16_extract_lane_u, store8)
STORE_LANE(v128_store16_lane, u16, i16x8_extract_lane_u, store16)
STORE_LANE(v128_store32_lane, u32, i32x4_extract_lane, store32)
STORE_LANE(v128_store64_lane, u64, i64x2_extract_lane, store64)
