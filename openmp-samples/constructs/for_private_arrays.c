/*
 * for_private_arrays: arrays and structures that each iteration has for
 * itself, and each thread, with indices that are computed, in loops whose
 * iterations are given to threads in any order.
 */
#include "check.h"

enum { N = 240, LENGTH = 6 };

struct bins {
    unsigned total, of[LENGTH];
};

static unsigned in[N], expected[N], out[N];

static inline unsigned work(unsigned i)
{
    unsigned bins[LENGTH] = {0}, y = in[i];
    for (unsigned k = 0; k < LENGTH; k++) {
        bins[k] = bins[k] * 31 + y;
        y ^= bins[k] >> 3;
    }
    bins[y % LENGTH] += y ^ 32;
    return (i + 74) ^ bins[(y ^ 74) % LENGTH];
}

static inline unsigned count(unsigned i)
{
    struct bins bins = {0};
    for (unsigned k = 0; k < 4; k++) {
        bins.of[(in[i] >> (4 * k)) % LENGTH]++;
        bins.total += in[i] >> k;
    }
    return bins.total + bins.of[i % LENGTH];
}

static int are_right(void)
{
    int right = 1;
    for (unsigned i = 0; i < N; i++) {
        right &= out[i] == expected[i];
        out[i] = 0;
    }
    return right;
}

static void expect(unsigned value_of(unsigned))
{
    for (unsigned i = 0; i < N; i++)
        expected[i] = value_of(i);
}

int main(void)
{
    for (unsigned i = 0; i < N; i++)
        in[i] = i * 2654435761u;
    expect(work);
    #pragma omp parallel for schedule(guided)
    for (unsigned i = 0; i < N; i++)
        out[i] = work(i);
    CHECK(are_right());
    #pragma omp parallel for schedule(dynamic, 60)
    for (unsigned i = 0; i < N; i++)
        out[i] = work(i);
    CHECK(are_right());
    #pragma omp parallel for schedule(runtime)
    for (unsigned i = 0; i < N; i++)
        out[i] = work(i);
    CHECK(are_right());
    expect(count);
    #pragma omp parallel for schedule(guided)
    for (unsigned i = 0; i < N; i++)
        out[i] = count(i);
    CHECK(are_right());
    unsigned counts[LENGTH] = {0}, sums[LENGTH] = {0};
    #pragma omp parallel
    {
        unsigned own[LENGTH] = {0}, *at = own;
        #pragma omp for schedule(guided)
        for (unsigned i = 0; i < N; i++)
            at[in[i] % LENGTH]++;
        #pragma omp critical
        for (unsigned k = 0; k < LENGTH; k++)
            sums[k] += own[k];
    }
    for (unsigned i = 0; i < N; i++)
        counts[in[i] % LENGTH]++;
    for (unsigned k = 0; k < LENGTH; k++)
        CHECK(sums[k] == counts[k]);
    return check_result("for_private_arrays");
}
