/*
 * target_reductions: reductions, last iterations and schedules of target loops
 * give what a plain loop gives, wherever they run.
 */
#include "../constructs/check.h"
#include <limits.h>

enum { N = 10007 };

static int numbers[N];

static void several_variables(int n)
{
    double sum = 100;
    long long product = 3;
    unsigned bits = 0, common = ~0u;
    int greatest = -1, least = INT_MAX, any = 0, all = 1;
    #pragma omp target teams distribute parallel for map(to : numbers) reduction(+ : sum) reduction(* : product) \
        reduction(| : bits) reduction(& : common) reduction(max : greatest) reduction(min : least)                \
        reduction(|| : any) reduction(&& : all)
    for (int i = 0; i < n; i++) {
        sum += numbers[i];
        product *= i == 5 ? 7 : 1;
        bits |= 1u << (i % 20);
        common &= ~(1u << (i % 3));
        greatest = numbers[i] > greatest ? numbers[i] : greatest;
        least = numbers[i] < least ? numbers[i] : least;
        any = any || numbers[i] == 77;
        all = all && numbers[i] >= 0;
    }
    double sum_here = 100;
    unsigned bits_here = 0, common_here = ~0u;
    int greatest_here = -1, least_here = INT_MAX, any_here = 0;
    for (int i = 0; i < n; i++) {
        sum_here += numbers[i];
        bits_here |= 1u << (i % 20);
        common_here &= ~(1u << (i % 3));
        greatest_here = numbers[i] > greatest_here ? numbers[i] : greatest_here;
        least_here = numbers[i] < least_here ? numbers[i] : least_here;
        any_here = any_here || numbers[i] == 77;
    }
    CHECK(sum == sum_here);
    CHECK(product == (n > 5 ? 21 : 3));
    CHECK(bits == bits_here && common == common_here);
    CHECK(greatest == greatest_here && least == least_here);
    CHECK(any == any_here && all == 1);
}

struct extent {
    double low, high;
};

static void widen(struct extent *into, const struct extent *by)
{
    into->low = by->low < into->low ? by->low : into->low;
    into->high = by->high > into->high ? by->high : into->high;
}

#pragma omp declare reduction(widen : struct extent : widen(&omp_out, &omp_in)) initializer(omp_priv = {1e9, -1e9})

static void declared(void)
{
    struct extent extent = {1e9, -1e9};
    #pragma omp target parallel for map(to : numbers) reduction(widen : extent)
    for (int i = 0; i < N; i++) {
        const struct extent point = {numbers[i], numbers[i]};
        widen(&extent, &point);
    }
    CHECK(extent.low == 0 && extent.high == 976);
}

/* A count and the last value, under a schedule. */
#define SCHEDULED(name, clause)                                                                                      \
    static void name(int n)                                                                                          \
    {                                                                                                                \
        long long weighted = 0;                                                                                      \
        int count = 0, last = -1;                                                                                    \
        _Pragma(clause) for (int i = 0; i < n; i++)                                                                  \
        {                                                                                                            \
            count++;                                                                                                 \
            weighted += (long long)i * (i + 1);                                                                      \
            last = 3 * i;                                                                                            \
        }                                                                                                            \
        CHECK(count == n);                                                                                           \
        CHECK(weighted == (long long)n * ((long long)n * n - 1) / 3);                                                \
        CHECK(n == 0 || last == 3 * (n - 1));                                                                        \
    }


SCHEDULED(teams_plain, "omp target teams distribute parallel for reduction(+ : count, weighted) lastprivate(last) map(tofrom : last)")
SCHEDULED(teams_one, "omp target teams distribute parallel for reduction(+ : count, weighted) lastprivate(last) map(tofrom : last) schedule(static, 1)")
SCHEDULED(teams_seven, "omp target teams distribute parallel for reduction(+ : count, weighted) lastprivate(last) map(tofrom : last) schedule(static, 7)")
SCHEDULED(teams_dynamic, "omp target teams distribute parallel for reduction(+ : count, weighted) lastprivate(last) map(tofrom : last) schedule(dynamic, 5)")
SCHEDULED(teams_guided, "omp target teams distribute parallel for reduction(+ : count, weighted) lastprivate(last) map(tofrom : last) schedule(guided)")
SCHEDULED(parallel_plain, "omp target parallel for reduction(+ : count, weighted) lastprivate(last) map(tofrom : last)")
SCHEDULED(parallel_one, "omp target parallel for reduction(+ : count, weighted) lastprivate(last) map(tofrom : last) schedule(static, 1)")
SCHEDULED(parallel_dynamic, "omp target parallel for reduction(+ : count, weighted) lastprivate(last) map(tofrom : last) schedule(dynamic)")

/* A region of one thread is sequential, whatever the device could do. */
static void one_thread(void)
{
    int sums[N];
    for (int i = 0; i < N; i++)
        sums[i] = 1;
    #pragma omp target parallel for num_threads(1) map(tofrom : sums)
    for (int i = 1; i < N; i++)
        sums[i] += sums[i - 1];
    CHECK(sums[N - 1] == N);
}

typedef struct {
    double sum, count;
} moments;

#pragma omp declare reduction(moments : moments : omp_out.sum += omp_in.sum, omp_out.count += omp_in.count)          \
    initializer(omp_priv = (moments){0, 0})

/* Variables of very different sizes. */
static void sizes(void)
{
    unsigned char low = 0;
    moments all = {0, 0};
    #pragma omp target teams distribute parallel for reduction(+ : low) reduction(moments : all) map(tofrom : low, all)
    for (int i = 0; i < N; i++) {
        low += 1;
        all.sum += i;
        all.count += 1;
    }
    CHECK(low == (unsigned char)N);
    CHECK(all.sum == N * (N - 1.0) / 2 && all.count == N);
}

int main(void)
{
    for (int i = 0; i < N; i++)
        numbers[i] = i * 31 % 977;
    static const int counts[] = {0, 1, 2, 3, 255, 256, 257, N};
    for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++) {
        several_variables(counts[i]);
        teams_plain(counts[i]);
        teams_one(counts[i]);
        teams_seven(counts[i]);
        teams_dynamic(counts[i]);
        teams_guided(counts[i]);
        parallel_plain(counts[i]);
        parallel_one(counts[i]);
        parallel_dynamic(counts[i]);
    }
    declared();
    one_thread();
    sizes();
    return check_result("target_reductions");
}
