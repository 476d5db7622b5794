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
SCALAR(f32_sqrt, float, sqrt(a))
SCALAR(f64_abs, double, fabs(a))
SCALAR(f64_ceil, double, ceil(a))
SCALAR(f64_floor, double, floor(a))
SCALAR(f64_trunc, double, trunc(a))
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

/* Of numbers from `whole` on, none has a fraction. `rint` does not get them: it may go by way of an integer, and with a constant that none
   can hold, a compiler may take all of the kernel for undefined, as PoCL's does. The addition makes a NaN a quiet one. */
#define NEAREST(name, T, whole) static T name(T a) { return fabs(a) < whole ? rint(a) : a + (T)0; }

NEAREST(f32_nearest, float, 8388608.0f)
NEAREST(f64_nearest, double, 4503599627370496.0)

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
