/*
 * data_sharing: what default, shared and private say of variables, in regions
 * within regions.
 */
#include "check.h"
#include <omp.h>

enum { N = 300 };

static int each = 3;

static void test_none(void)
{
    int sum = 0, factor = 2, scratch = -1, start = 5;
    const int constant = 7;
    #pragma omp parallel for default(none) shared(factor, each, constant) private(scratch) firstprivate(start) reduction(+ : sum)
    for (int i = 0; i < N; i++) {
        scratch = factor * i + each;
        start += scratch;
        sum += scratch + constant;
    }
    CHECK(sum == N * (N - 1) + N * (3 + 7) && scratch == -1 && start == 5 && factor == 2);
}

static void test_shared(void)
{
    int runs = 0, threads = 0;
    #pragma omp parallel default(shared)
    {
        tick(&runs);
        #pragma omp single
        threads = omp_get_num_threads();
    }
    CHECK(runs == threads && threads >= 1);
}

static void test_firstprivate(void)
{
    int own = 11, seen = 0, threads = 0;
    #pragma omp parallel default(firstprivate) shared(seen, threads)
    {
        own += omp_get_thread_num();
        if (own == 11 + omp_get_thread_num())
            tick(&seen);
        #pragma omp single
        threads = omp_get_num_threads();
    }
    CHECK(own == 11 && seen == threads);
}

static void test_private(void)
{
    int own = 11, seen = 0, threads = 0;
    #pragma omp parallel default(private) shared(seen, threads)
    {
        own = omp_get_thread_num();
        #pragma omp barrier
        if (own == omp_get_thread_num())
            tick(&seen);
        #pragma omp single
        threads = omp_get_num_threads();
    }
    CHECK(own == 11 && seen == threads);
}

/* A variable that is private in a region is shared in the one within. */
static void test_nested(void)
{
    int outer = 0, wrong = 0;
    #pragma omp parallel num_threads(2) private(outer) reduction(+ : wrong)
    {
        int sum = 0;
        outer = 10 * omp_get_thread_num();
        #pragma omp parallel num_threads(2) shared(outer) reduction(+ : sum)
        sum += outer;
        wrong += sum != outer && sum != 2 * outer;
    }
    CHECK(outer == 0 && wrong == 0);
}

int main(void)
{
    for (int round = 0; round < 10; round++) {
        test_none();
        test_shared();
        test_firstprivate();
        test_private();
        test_nested();
    }
    return check_result("data_sharing");
}
