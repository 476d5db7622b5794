/*
 * random: updates of random elements of a large table, t[r mod size] ^= r,
 * with atomic constructs. Measures the rate of giga-updates per second (GUP/s).
 *
 *   random [iterations [log2_size [ratio]]]
 *
 * The table has 2^log2_size words of 64 bits; an iteration does ratio * size
 * updates in two passes with the same random numbers, of which the second
 * undoes the first.
 *
 * The numbers are the powers of x modulo x^64 + x^2 + x + 1 over GF(2), a
 * word holding a polynomial's 64 coefficients. There are STREAMS sequences of
 * them, which the team shares out; each starts at a power of its own.
 */
#include "prk.h"

enum { STREAMS = 128 };

static inline uint64_t times_x(uint64_t polynomial)
{
    return polynomial << 1 ^ (polynomial >> 63 ? 7 : 0);
}

static uint64_t product(uint64_t a, uint64_t b)
{
    uint64_t sum = 0;
    for (; b; b >>= 1, a = times_x(a))
        if (b & 1)
            sum ^= a;
    return sum;
}

static uint64_t power_of_x(uint64_t exponent)
{
    uint64_t result = 1;
    for (uint64_t square = 2; exponent; exponent >>= 1, square = product(square, square))
        if (exponent & 1)
            result = product(result, square);
    return result;
}

int main(int argc, char **argv)
{
    (void)argc;
    struct prk_arguments arguments =
        prk_begin(argv, "random", "[iterations [log2_size [ratio]]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 8, 1, INT32_MAX);
    const int64_t log2_size = prk_integer(&arguments, "log2_size", 20, 8, 40);
    const int64_t ratio = prk_integer(&arguments, "ratio", 8, 2, INT32_MAX / 256);
    prk_end(&arguments);
    if (ratio % 2)
        prk_fail("ratio is %" PRId64 ", and must be even", ratio);

    const uint64_t size = UINT64_C(1) << log2_size;
    const uint64_t updates = size / STREAMS * (uint64_t)ratio / 2; /* per stream and pass */
    uint64_t *table = prk_allocate((int64_t)size, sizeof *table);
    uint64_t seed[STREAMS];
    double start = 0, stop = 0;
    int64_t wrong = 0, changed = 0;

    #pragma omp parallel
    {
        #pragma omp for
        for (uint64_t i = 0; i < size; i++)
            table[i] = i;
        #pragma omp for
        for (int i = 0; i < STREAMS; i++)
            seed[i] = power_of_x(UINT64_C(246813579246813579) + updates * (uint64_t)i);

        for (int64_t pass = 0; pass < 2 * (iterations + 1); pass++) {
            if (pass == 2)
                prk_stamp(&start);
            #pragma omp for
            for (int i = 0; i < STREAMS; i++) {
                uint64_t number = seed[i];
                for (uint64_t update = 0; update < updates; update++) {
                    number = times_x(number);
                    #pragma omp atomic
                    table[number & (size - 1)] ^= number;
                }
            }
            if (pass == 0) { /* the warm-up shows that there is something to undo */
                #pragma omp for reduction(+ : changed)
                for (uint64_t i = 0; i < size; i++)
                    changed += table[i] != i;
            }
        }
        prk_stamp(&stop);

        #pragma omp for reduction(+ : wrong)
        for (uint64_t i = 0; i < size; i++)
            wrong += table[i] != i;
    }

    if (wrong)
        prk_fail("%" PRId64 " table elements are wrong", wrong);
    if (changed < (int64_t)size / 4)
        prk_fail("one pass changes %" PRId64 " table elements only", changed);
    free(table);
    return prk_report("GUP/s", 1e-9 * 2 * STREAMS * (double)updates, stop - start, iterations);
}
