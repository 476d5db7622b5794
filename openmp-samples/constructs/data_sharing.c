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

static void test_worksharing(void)
{
    int own = 3, once = 0, first = 0, second = 0;
    #pragma omp parallel
    {
        #pragma omp single private(own)
        {
            own = 9;
            once += own;
        }
        #pragma omp single firstprivate(own)
        {
            own++;
            once += own;
        }
        #pragma omp sections private(own)
        {
            #pragma omp section
            {
                own = 1;
                first += own;
            }
            #pragma omp section
            {
                own = 2;
                second += own;
            }
        }
        #pragma omp sections firstprivate(own)
        {
            #pragma omp section
            first += own;
        }
    }
    CHECK(own == 3 && once == 9 + 4 && first == 1 + 3 && second == 2);
}

static void test_teams(void)
{
    int own = 4, all = 0, league = 0, offset = 7, count[N] = {0};
    #pragma omp teams num_teams(2) default(none) private(own) shared(count) reduction(+ : league)
    {
        own = omp_get_team_num();
        league++;
        #pragma omp distribute private(own)
        for (int i = 0; i < N; i++) {
            own = i;
            tick(&count[own]);
        }
    }
    #pragma omp teams num_teams(2) firstprivate(own) shared(all)
    {
        own++;
        if (own == 5)
            tick(&all);
        #pragma omp distribute firstprivate(offset)
        for (int i = 0; i < N; i++) {
            tick(&count[i + offset - 7]);
            offset += 0 * i;
        }
    }
    CHECK(own == 4 && offset == 7 && all >= 1 && all <= 2 && all_equal(count, N, 2) && league >= 1);
}

int main(void)
{
    for (int round = 0; round < 10; round++) {
        test_none();
        test_shared();
        test_firstprivate();
        test_private();
        test_nested();
        test_worksharing();
        test_teams();
    }
    return check_result("data_sharing");
}
