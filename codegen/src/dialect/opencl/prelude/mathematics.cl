/* The functions of the C library's mathematics, which are the device's own here. */
#define MATHEMATICS1(name, T, function) static T name(T x) { return function(x); }

#define MATHEMATICS2(name, T, function) static T name(T x, T y) { return function(x, y); }

/* A NaN, and what is too large for the integer, which C leaves open, give the nearest that there is, and 0.
 * The exponent of 0 and of a NaN is what the C library of programs says, as they have it as a constant. */
#define MATHEMATICS_INTEGER(name, R, T, value) static R name(T x) { return (R)(value); }

MATHEMATICS1(f32_acos, float, acos)
MATHEMATICS1(f32_acosh, float, acosh)
MATHEMATICS1(f32_asin, float, asin)
MATHEMATICS1(f32_asinh, float, asinh)
MATHEMATICS1(f32_atan, float, atan)
MATHEMATICS1(f32_atanh, float, atanh)
MATHEMATICS1(f32_cbrt, float, cbrt)
MATHEMATICS1(f32_cos, float, cos)
MATHEMATICS1(f32_cosh, float, cosh)
MATHEMATICS1(f32_erf, float, erf)
MATHEMATICS1(f32_erfc, float, erfc)
MATHEMATICS1(f32_exp, float, exp)
MATHEMATICS1(f32_exp2, float, exp2)
MATHEMATICS1(f32_exp10, float, exp10)
MATHEMATICS1(f32_expm1, float, expm1)
MATHEMATICS1(f32_lgamma, float, lgamma)
MATHEMATICS1(f32_log, float, log)
MATHEMATICS1(f32_log10, float, log10)
MATHEMATICS1(f32_log1p, float, log1p)
MATHEMATICS1(f32_log2, float, log2)
MATHEMATICS1(f32_logb, float, logb)
MATHEMATICS1(f32_round, float, round)
MATHEMATICS1(f32_sin, float, sin)
MATHEMATICS1(f32_sinh, float, sinh)
MATHEMATICS1(f32_tan, float, tan)
MATHEMATICS1(f32_tanh, float, tanh)
MATHEMATICS1(f32_tgamma, float, tgamma)
MATHEMATICS2(f32_atan2, float, atan2)
MATHEMATICS2(f32_fdim, float, fdim)
MATHEMATICS2(f32_fmax, float, fmax)
MATHEMATICS2(f32_fmin, float, fmin)
MATHEMATICS2(f32_fmod, float, fmod)
MATHEMATICS2(f32_hypot, float, hypot)
MATHEMATICS2(f32_nextafter, float, nextafter)
MATHEMATICS2(f32_pow, float, pow)
MATHEMATICS2(f32_remainder, float, remainder)
MATHEMATICS_INTEGER(i32_lrint_f32, uint, float, convert_int_sat(rint(x)))
MATHEMATICS_INTEGER(i32_lround_f32, uint, float, convert_int_sat(round(x)))
MATHEMATICS_INTEGER(i64_lrint_f32, ulong, float, convert_long_sat(rint(x)))
MATHEMATICS_INTEGER(i64_lround_f32, ulong, float, convert_long_sat(round(x)))
MATHEMATICS_INTEGER(i32_ilogb_f32, uint, float, x == 0 || isnan(x) ? 0x80000000u : (uint)ilogb(x))

static float f32_ldexp(float x, uint exponent)
{
    return ldexp(x, (int)exponent);
}

/* The significand and the exponent, apart. */
static float f32_frexp(float x)
{
    int exponent;
    return frexp(x, &exponent);
}

static uint i32_frexp_f32(float x)
{
    int exponent = 0;
    frexp(x, &exponent);
    return (uint)exponent;
}

static float f32_fma(float x, float y, float z)
{
    return fma(x, y, z);
}

MATHEMATICS1(f64_acos, double, acos)
MATHEMATICS1(f64_acosh, double, acosh)
MATHEMATICS1(f64_asin, double, asin)
MATHEMATICS1(f64_asinh, double, asinh)
MATHEMATICS1(f64_atan, double, atan)
MATHEMATICS1(f64_atanh, double, atanh)
MATHEMATICS1(f64_cbrt, double, cbrt)
MATHEMATICS1(f64_cos, double, cos)
MATHEMATICS1(f64_cosh, double, cosh)
MATHEMATICS1(f64_erf, double, erf)
MATHEMATICS1(f64_erfc, double, erfc)
MATHEMATICS1(f64_exp, double, exp)
MATHEMATICS1(f64_exp2, double, exp2)
MATHEMATICS1(f64_exp10, double, exp10)
MATHEMATICS1(f64_expm1, double, expm1)
MATHEMATICS1(f64_lgamma, double, lgamma)
MATHEMATICS1(f64_log, double, log)
MATHEMATICS1(f64_log10, double, log10)
MATHEMATICS1(f64_log1p, double, log1p)
MATHEMATICS1(f64_log2, double, log2)
MATHEMATICS1(f64_logb, double, logb)
MATHEMATICS1(f64_round, double, round)
MATHEMATICS1(f64_sin, double, sin)
MATHEMATICS1(f64_sinh, double, sinh)
MATHEMATICS1(f64_tan, double, tan)
MATHEMATICS1(f64_tanh, double, tanh)
MATHEMATICS1(f64_tgamma, double, tgamma)
MATHEMATICS2(f64_atan2, double, atan2)
MATHEMATICS2(f64_fdim, double, fdim)
MATHEMATICS2(f64_fmax, double, fmax)
MATHEMATICS2(f64_fmin, double, fmin)
MATHEMATICS2(f64_fmod, double, fmod)
MATHEMATICS2(f64_hypot, double, hypot)
MATHEMATICS2(f64_nextafter, double, nextafter)
MATHEMATICS2(f64_pow, double, pow)
MATHEMATICS2(f64_remainder, double, remainder)
MATHEMATICS_INTEGER(i32_lrint_f64, uint, double, convert_int_sat(rint(x)))
MATHEMATICS_INTEGER(i32_lround_f64, uint, double, convert_int_sat(round(x)))
MATHEMATICS_INTEGER(i64_lrint_f64, ulong, double, convert_long_sat(rint(x)))
MATHEMATICS_INTEGER(i64_lround_f64, ulong, double, convert_long_sat(round(x)))
MATHEMATICS_INTEGER(i32_ilogb_f64, uint, double, x == 0 || isnan(x) ? 0x80000000u : (uint)ilogb(x))

static double f64_ldexp(double x, uint exponent)
{
    return ldexp(x, (int)exponent);
}

/* The significand and the exponent, apart. */
static double f64_frexp(double x)
{
    int exponent;
    return frexp(x, &exponent);
}

static uint i32_frexp_f64(double x)
{
    int exponent = 0;
    frexp(x, &exponent);
    return (uint)exponent;
}

static double f64_fma(double x, double y, double z)
{
    return fma(x, y, z);
}
