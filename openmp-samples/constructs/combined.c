/*
 * combined: constructs in one directive. Each does what its parts would do one
 * within the other. (clang makes no vectors where teams, threads and lanes come
 * together, and says so; hence the if clauses.)
 */
#include "check.h"
#include <omp.h>

enum { N = 600 };

static void test_parallel(void)
{
    int masters = 0, chosen = 0, one = 0, two = 0;
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
        one++;
        #pragma omp section
        two++;
    }
    CHECK(masters == 2 && chosen == 1 && one == 1 && two == 1);
}

static int first[N], second[N], third[N];

static void clear(void)
{
    for (int i = 0; i < N; i++)
        first[i] = second[i] = third[i] = 0;
}

static void test_distribute(void)
{
    int last = -1, square[20][30] = {{0}};
    clear();
    #pragma omp teams num_teams(2)
    {
        #pragma omp distribute simd
        for (int i = 0; i < N; i++)
            first[i] += i;
        #pragma omp distribute parallel for schedule(static, 3)
        for (int i = 0; i < N; i++)
            tick(&second[i]);
        #pragma omp distribute parallel for simd if(simd : 0)
        for (int i = 0; i < N; i++)
            third[i] += i;
        #pragma omp distribute collapse(2)
        for (int i = 0; i < 20; i++)
            for (int j = 0; j < 30; j++)
                tick(&square[i][j]);
    }
    for (int i = 0; i < N; i++)
        CHECK(first[i] == i && third[i] == i);
    CHECK(all_equal(second, N, 1) && all_equal(square[0], N, 1));
    #pragma omp teams
    #pragma omp distribute lastprivate(last) order(concurrent)
    for (int i = 0; i < N; i++)
        last = 2 * i;
    CHECK(last == 2 * (N - 1));
}

static void test_teams(void)
{
    int sum = 0, league = 0;
    clear();
    #pragma omp teams distribute
    for (int i = 0; i < N; i++)
        tick(&first[i]);
    #pragma omp teams distribute simd reduction(+ : sum)
    for (int i = 0; i < N; i++)
        sum += first[i];
    CHECK(sum == N);
    #pragma omp teams distribute parallel for thread_limit(2)
    for (int i = 0; i < N; i++)
        tick(&second[i]);
    #pragma omp teams distribute parallel for simd dist_schedule(static, 50) if(simd : 0)
    for (int i = 0; i < N; i++)
        third[i] += i;
    for (int i = 0; i < N; i++)
        CHECK(third[i] == i);
    CHECK(all_equal(first, N, 1) && all_equal(second, N, 1));
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
