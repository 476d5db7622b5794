/* target_mathematics: the functions of <math.h> in target regions, against the host's. They are the device's own, so both may be off by
 * what OpenCL's specification lets them be (section 7.4); `worst` as an argument prints by how much they differ. */
#define _GNU_SOURCE
#include "../constructs/check.h"
#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { N = 500 };

/* Functions of one argument: from where to where they are tried, and how many units in the last place the results of both may be apart, for
 * double and for float; 0 if they are exact. */
#define UNARY(DO)                                                                                                    \
    DO(acos, -1, 1, 4, 4) DO(acosh, 1, 50, 4, 4) DO(asin, -1, 1, 4, 4) DO(asinh, -50, 50, 4, 4)                       \
    DO(atan, -50, 50, 5, 5) DO(atanh, -0.96875, 0.96875, 5, 5) DO(cbrt, -1000, 1000, 2, 2) DO(cos, -300, 300, 4, 4)         \
    DO(cosh, -20, 20, 4, 4) DO(erf, -4, 4, 16, 16) DO(erfc, -3, 5, 16, 16) DO(exp, -50, 50, 3, 3)                     \
    DO(exp2, -50, 50, 3, 3) DO(exp10, -15, 15, 3, 3) DO(expm1, -2, 20, 3, 3) DO(log, 0.0009765625, 900, 3, 3)                \
    DO(log10, 0.0009765625, 900, 3, 3) DO(log1p, -0.875, 900, 2, 2) DO(log2, 0.0009765625, 900, 3, 3) DO(logb, 0.0009765625, 900, 0, 0)      \
    DO(round, -20, 20, 0, 0) DO(rint, -20, 20, 0, 0) DO(sin, -300, 300, 4, 4) DO(sinh, -20, 20, 4, 4)                 \
    DO(tan, -20, 20, 5, 5) DO(tanh, -5, 5, 5, 5) DO(tgamma, 0.25, 20, 16, 16) DO(lgamma, 3, 90, 16, 16)

#define BINARY(DO)                                                                                                   \
    DO(atan2, -20, 20, 6, 6) DO(fdim, -20, 20, 0, 0) DO(fmax, -20, 20, 0, 0) DO(fmin, -20, 20, 0, 0)                  \
    DO(fmod, 1, 100, 0, 0) DO(hypot, -20, 20, 4, 4) DO(nextafter, -20, 20, 0, 0) DO(pow, 0.125, 20, 16, 16)             \
    DO(remainder, 1, 100, 0, 0)

#define COUNT(...) 1 +
enum { UNARIES = UNARY(COUNT) 0, BINARIES = BINARY(COUNT) 0 };

/* All functions of a kind, for one x and y between 0 and 1; the results go to every N-th element. */
#define CALL(function, low, high, double_ulps, float_ulps) *out = function((low) + x * ((high) - (low))), out += N;
#define CALL_F(function, low, high, double_ulps, float_ulps)                                                         \
    *out = function##f((float)(low) + x * ((float)(high) - (float)(low))), out += N;
#define CALL_2(function, low, high, double_ulps, float_ulps)                                                         \
    *out = function((low) + x * ((high) - (low)), (low) + y * ((high) - (low))), out += N;
#define CALL_2F(function, low, high, double_ulps, float_ulps)                                                        \
    *out = function##f((float)(low) + x * ((float)(high) - (float)(low)),                                            \
                       (float)(low) + y * ((float)(high) - (float)(low))), out += N;

#pragma omp declare target
static void doubles(double x, double y, int n, double *out)
{
    UNARY(CALL)
    BINARY(CALL_2)
    *out = fma(x, y, -x * y), out += N;
    *out = ldexp(x, n - 5), out += N;
    int exponent;
    *out = frexp(300 * x - 100, &exponent), out += N;
    *out = exponent, out += N;
    *out = lrint(100 * x - 50) + llrint(100 * y) + lround(80 * x - 40) + llround(80 * y) + ilogb(x + 0.125);
}

static void floats(float x, float y, int n, float *out)
{
    UNARY(CALL_F)
    BINARY(CALL_2F)
    *out = fmaf(x, y, -x * y), out += N;
    *out = ldexpf(x, n - 5), out += N;
    int exponent;
    *out = frexpf(300 * x - 100, &exponent), out += N;
    *out = exponent, out += N;
    *out = lrintf(100 * x - 50) + llrintf(100 * y) + lroundf(80 * x - 40) + llroundf(80 * y) + ilogbf(x + 0.125f);
}
#pragma omp end declare target

#define NAME(function, ...) #function,
static const char *const names[] = {UNARY(NAME) BINARY(NAME) "fma", "ldexp", "frexp", "exponent", "integers"};
#define DOUBLE_ULPS(function, low, high, ulps, float_ulps) ulps,
static const int double_ulps[] = {UNARY(DOUBLE_ULPS) BINARY(DOUBLE_ULPS) 0, 0, 0, 0, 0};
#define FLOAT_ULPS(function, low, high, double_ulps, ulps) ulps,
static const int float_ulps[] = {UNARY(FLOAT_ULPS) BINARY(FLOAT_ULPS) 0, 0, 0, 0, 0};
enum { ALL = UNARIES + BINARIES + 5 };

/* A pseudo-random number from 0 to 1, of 12 bits: what is computed of it for an argument is exact. */
static double part(int i) { return ((unsigned)(i * 1103515245u + 12345u) >> 20) / 4096.0; }

static int64_t ordered64(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static int64_t ordered32(float value)
{
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? INT32_MIN - (int64_t)bits : bits;
}

static int64_t distance(int64_t a, int64_t b) { return a < b ? b - a : a - b; }

static double device64[ALL * N], host64[ALL * N];
static float device32[ALL * N], host32[ALL * N];

int main(int argc, char **argv)
{
    bool prints = argc > 1 && strcmp(argv[1], "worst") == 0;
    int on_device = 0;
    #pragma omp target teams distribute parallel for map(from : device64) map(tofrom : on_device)
    for (int i = 0; i < N; i++) {
        doubles(part(i), part(i + N), i % 10, device64 + i);
        if (i == 0)
            on_device += !omp_is_initial_device();
    }
    #pragma omp target teams distribute parallel for map(from : device32) map(tofrom : on_device)
    for (int i = 0; i < N; i++) {
        floats(part(i), part(i + N), i % 10, device32 + i);
        if (i == 0)
            on_device += !omp_is_initial_device();
    }
    for (int i = 0; i < N; i++) {
        doubles(part(i), part(i + N), i % 10, host64 + i);
        floats(part(i), part(i + N), i % 10, host32 + i);
    }
    for (int f = 0; f < ALL; f++) {
        int64_t worst64 = 0, worst32 = 0;
        for (int i = f * N; i < (f + 1) * N; i++) {
            int64_t apart64 = distance(ordered64(device64[i]), ordered64(host64[i]));
            int64_t apart32 = distance(ordered32(device32[i]), ordered32(host32[i]));
            worst64 = apart64 > worst64 ? apart64 : worst64;
            worst32 = apart32 > worst32 ? apart32 : worst32;
        }
        if (prints)
            printf("%-10s %4lld %4lld\n", names[f], (long long)worst64, (long long)worst32);
        /* The host's are off by one at most. */
        CHECK(worst64 <= double_ulps[f] + (double_ulps[f] != 0));
        CHECK(worst32 <= float_ulps[f] + (float_ulps[f] != 0));
    }
    if (prints)
        printf("on the device: %d of 2 regions\n", on_device);
    return check_result("target_mathematics");
}
