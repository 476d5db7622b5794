/*
 * combined: constructs in one directive. Each does what its parts would do one
 * within the other.
 */
#include "check.h"
#include <omp.h>

enum { N = 600 };

static void test_parallel(void)
{
    int masters = 0, chosen = 0, first = 0, second = 0;
    #pragma omp parallel master
    {
        CHECK(omp_get_thread_num() == 0);
        masters++;
    }
    #pragma omp parallel masked
    {
        CHECK(omp_get_thread_num() == 0);
        masters++;
    }
    #pragma omp parallel masked filter(omp_get_num_threads() - 1)
    {
        CHECK(omp_get_thread_num() == omp_get_num_threads() - 1);
        chosen++;
    }
    #pragma omp parallel sections
    {
        #pragma omp section
        first++;
        #pragma omp section
        second++;
    }
    CHECK(masters == 2 && chosen == 1 && first == 1 && second == 1);
}

static void test_distribute(void)
{
    int count[N] = {0}, last = -1, square[20][30] = {{0}};
    #pragma omp teams num_teams(2)
    {
        #pragma omp distribute simd
        for (int i = 0; i < N; i++)
            count[i]++;
        #pragma omp distribute parallel for schedule(static, 3)
        for (int i = 0; i < N; i++)
            tick(&count[i]);
        #pragma omp distribute parallel for simd
        for (int i = 0; i < N; i++)
            count[i]++;
        #pragma omp distribute collapse(2)
        for (int i = 0; i < 20; i++)
            for (int j = 0; j < 30; j++)
                tick(&square[i][j]);
    }
    CHECK(all_equal(count, N, 3) && all_equal(square[0], N, 1));
    #pragma omp teams
    #pragma omp distribute lastprivate(last) order(concurrent)
    for (int i = 0; i < N; i++)
        last = 2 * i;
    CHECK(last == 2 * (N - 1));
}

static void test_teams(void)
{
    int count[N] = {0}, sum = 0, league = 0;
    #pragma omp teams distribute
    for (int i = 0; i < N; i++)
        tick(&count[i]);
    #pragma omp teams distribute simd reduction(+ : sum)
    for (int i = 0; i < N; i++)
        sum += count[i];
    CHECK(sum == N);
    #pragma omp teams distribute parallel for thread_limit(2)
    for (int i = 0; i < N; i++)
        tick(&count[i]);
    #pragma omp teams distribute parallel for simd dist_schedule(static, 50)
    for (int i = 0; i < N; i++)
        count[i]++;
    CHECK(all_equal(count, N, 3));
    #pragma omp teams num_teams(3) reduction(+ : league)
    league++;
    CHECK(league >= 1 && league <= 3);
}

int main(void)
{
    for (int round = 0; round < 5; round++) {
        test_parallel();
        test_distribute();
        test_teams();
    }
    return check_result("combined");
}
