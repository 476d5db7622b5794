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
MATHEMATICS1(f64_cosh, double, cosh)
MATHEMATICS1(f64_erf, double, erf)
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

/* Functions whose work-items would go different ways in the device's own, as it happens with NVIDIA's: here they all do the same. The
 * polynomials are interpolations in Chebyshev's nodes, and the errors are those of some millions of arguments, in units in the last place.
 * Where a processor's vectors do that by themselves, the device's are taken. */
static double f64_sin_device(double x)
{
    return sin(x);
}

static double f64_cos_device(double x)
{
    return cos(x);
}

static double f64_erfc_device(double x)
{
    return erfc(x);
}

/* How far an argument is from the nearest multiple of pi/2, which is subtracted in three parts (up to 2^31 the first difference is exact), and
 * which multiple that is. The sum with 1.5 * 2^52 has that in its lowest bits. */
static double from_quarter(double x, uint *quarters)
{
    double shifted = fma(x, 0.6366197723675814, 6755399441055744.0);
    double nearest = shifted - 6755399441055744.0;
    *quarters = (uint)as_ulong(shifted);
    double r = fma(nearest, -1.5707963267948966, x);
    r = fma(nearest, -6.123233995736766e-17, r);
    return fma(nearest, 1.4973849048591698e-33, r);
}

/* The sine where a number of quarters of a turn come to an angle of pi/4 at most. */
static double turned(double r, uint quarters)
{
    double z = r * r, s = 1.591810123027412e-10, c = -1.1382614868556325e-11;
    s = fma(s, z, -2.5051131455427946e-08);
    s = fma(s, z, 2.755731610068303e-06);
    s = fma(s, z, -0.0001984126983675497);
    s = fma(s, z, 0.008333333333330946);
    s = fma(s, z, -0.16666666666666666);
    c = fma(c, z, 2.0876146024689747e-09);
    c = fma(c, z, -2.7557317270560326e-07);
    c = fma(c, z, 2.4801587298763433e-05);
    c = fma(c, z, -0.0013888888888887395);
    c = fma(c, z, 0.041666666666666664);
    c = fma(c, z, -0.5);
    s = fma(r, z * s, r);
    c = fma(c, z, 1.0);
    double value = (quarters & 1u) != 0u ? c : s;
    return (quarters & 2u) != 0u ? -value : value;
}

/* Errors below 1.5. A zero keeps its sign. */
static double f64_sin_alike(double x)
{
    if (!(fabs(x) <= 2147483648.0))
        return sin(x);
    uint quarters;
    double r = from_quarter(x, &quarters);
    return x == 0.0 ? x : turned(r, quarters);
}

static double f64_cos_alike(double x)
{
    if (!(fabs(x) <= 2147483648.0))
        return cos(x);
    uint quarters;
    double r = from_quarter(x, &quarters);
    return turned(r, quarters + 1u);
}

/* 1 / x, for numbers that are neither very small nor very large. */
static double reciprocal(double x)
{
    double r = (double)(1.0f / (float)x);
    r = fma(r, fma(-x, r, 1.0), r);
    return fma(r, fma(-x, r, 1.0), r);
}

/* exp(-x^2) * p / (1 + 2 |x|), where p is a polynomial of (|x| - 4) / (|x| + 4): errors below 5. What the sums and
 * the quotient lose is made good. */
static double f64_erfc_alike(double x)
{
    double t = fmin(fabs(x), 28.0), above = t - 4.0, below = t + 4.0, inverse = reciprocal(below), q = above * inverse;
    double lost = (t - (above + 4.0)) - q * (t - (below - 4.0));
    q = fma(inverse, fma(-below, q, above) + lost, q);
    double p = -1.8206098680308682e-09;
    p = fma(p, q, -1.3670989863347383e-08);
    p = fma(p, q, -7.71541861441783e-09);
    p = fma(p, q, 1.1534943745754157e-07);
    p = fma(p, q, 6.270727157198311e-08);
    p = fma(p, q, -8.351619688696847e-07);
    p = fma(p, q, 3.0135049944875397e-07);
    p = fma(p, q, 5.7178872846321855e-06);
    p = fma(p, q, -1.1224789135154701e-05);
    p = fma(p, q, -2.4403169244974074e-05);
    p = fma(p, q, 0.000150622243948303);
    p = fma(p, q, -0.00019925550755614952);
    p = fma(p, q, -0.00075777334141333);
    p = fma(p, q, 0.005031969755895426);
    p = fma(p, q, -0.016197734059115006);
    p = fma(p, q, 0.03716751556249286);
    p = fma(p, q, -0.06633036581152939);
    p = fma(p, q, 0.09373283499679412);
    p = fma(p, q, -0.10103906603635213);
    p = fma(p, q, 0.06809705425473732);
    p = fma(p, q, 0.01537965210262074);
    p = fma(p, q, -0.1396211168405629);
    p = fma(p, q, 1.2329951186255526);
    double divisor = fma(2.0, t, 1.0), r = reciprocal(divisor), quotient = p * r;
    quotient = fma(fma(-divisor, quotient, p), r, quotient);
    double square = t * t, rest = fma(t, t, -square);
    double tail = exp(-square) * quotient;
    tail = fma(tail, -rest, tail);
    double value = x < 0.0 ? 2.0 - tail : tail;
    return isnan(x) ? x : value;
}

/* The time in seconds, of PTX's clock in nanoseconds; only devices that have it get kernels with this. The clock began in 1970; from a
 * later beginning on, a double has some nanoseconds. */
static double wall_time(void)
{
    ulong time;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(time));
    return (double)(long)(time - 1750000000000000000ul) * 1e-9;
}
