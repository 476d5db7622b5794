/* target_ordered: ordered regions, and copyprivate, in the parallel regions of a device. */
#include "../constructs/check.h"
#include <omp.h>

enum { N = 120, THREADS = 8 };

static int a[N], order[N], from[THREADS][2];
static double values[THREADS];

#pragma omp declare target
/* In a function that all threads call. */
__attribute__((noinline)) static void in_order(int *to, int *next, int n)
{
    #pragma omp for ordered schedule(static, 3)
    for (int i = 0; i < n; i++) {
        int square = i * i;
        #pragma omp ordered
        {
            to[i] = *next + square;
            ++*next;
        }
    }
}
#pragma omp end declare target

static void check_order(int next, int factor)
{
    CHECK(next == N);
    for (int i = 0; i < N; i++) {
        CHECK(order[i] == i);
        CHECK(a[i] == i * factor);
    }
}

static void loops(void)
{
    int next = 0, last = -1;
    #pragma omp target parallel for ordered num_threads(THREADS) map(tofrom : a, order, next)
    for (int i = 0; i < N; i++) {
        a[i] = 2 * i;
        #pragma omp ordered
        order[next++] = i;
    }
    check_order(next, 2);
    next = 0;
    #pragma omp target map(tofrom : a, order, next, last)
    {
        #pragma omp parallel num_threads(THREADS)
        {
            #pragma omp for ordered schedule(dynamic, 4) lastprivate(last)
            for (int i = 0; i < N; i++) {
                a[i] += last = i;
                #pragma omp ordered
                order[next++] = i;
            }
            #pragma omp for schedule(guided) ordered
            for (long i = N - 1; i >= 0; i--) {
                #pragma omp ordered
                next -= next == i + 1;
            }
            #pragma omp single
            next += N;
        }
    }
    check_order(next, 3);
    CHECK(last == N - 1);
    int sum = 0;
    next = 1;
    #pragma omp target parallel map(tofrom : a, next, sum) num_threads(THREADS)
    {
        in_order(a, &next, N);
        #pragma omp for reduction(+ : sum)
        for (int i = 0; i < N; i++)
            sum += a[i] - i * i;
    }
    CHECK(next == N + 1 && sum == N * (N + 1) / 2);
}

static void private_copies(void)
{
    int threads = 0;
    #pragma omp target parallel num_threads(THREADS) map(tofrom : from, values, threads)
    {
        int t = omp_get_thread_num(), number = -1, next = t;
        double value = t;
        #pragma omp single copyprivate(number, value)
        {
            number = 100 + t;
            value = 0.5;
        }
        next = number + 1;
        #pragma omp single copyprivate(next)
        next *= 2;
        from[t][0] = number;
        from[t][1] = next;
        values[t] = value;
        #pragma omp master
        threads = omp_get_num_threads();
    }
    CHECK(threads >= 1 && threads <= THREADS);
    for (int t = 0; t < threads; t++) {
        CHECK(from[t][0] >= 100 && from[t][0] < 100 + threads && from[t][0] == from[0][0]);
        CHECK(from[t][1] == 2 * (from[t][0] + 1) && values[t] == 0.5);
    }
}

/* Different reductions, and a copy, in one parallel region. */
static void with_reductions(void)
{
    int sum = 0, most = -1, scaled = 0;
    #pragma omp target parallel num_threads(THREADS) map(tofrom : sum, most, scaled, a)
    {
        int factor = 0;
        #pragma omp for reduction(+ : sum)
        for (int i = 0; i < N; i++)
            sum += i;
        #pragma omp single copyprivate(factor)
        factor = sum;
        #pragma omp for reduction(max : most)
        for (int i = 0; i < N; i++)
            most = i * factor > most ? i * factor : most;
        #pragma omp for reduction(+ : scaled)
        for (int i = 0; i < N; i++)
            scaled += factor;
    }
    CHECK(sum == N * (N - 1) / 2 && most == (N - 1) * sum && scaled == N * sum);
}

int main(void)
{
    loops();
    private_copies();
    with_reductions();
    return check_result("target_ordered");
}
