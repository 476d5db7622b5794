/*
 * target_thread_limit: thread_limit on target constructs and on teams. It holds
 * for the parallel regions inside, for what omp_get_thread_limit says there,
 * and for nothing else.
 */
#include "check.h"
#include <omp.h>

enum { LIMIT = 3 };

static void test_parallel(int limit)
{
    const int before = omp_get_thread_limit();
    int inside = 0, few = 0, many = 0, unsaid = 0;
    #pragma omp target thread_limit(limit) map(tofrom : inside, few, many, unsaid)
    {
        inside = omp_get_thread_limit();
        #pragma omp parallel num_threads(2)
        tick(&few);
        #pragma omp parallel num_threads(8)
        tick(&many);
        #pragma omp parallel
        tick(&unsaid);
    }
    CHECK(inside == (limit < before ? limit : before));
    CHECK(few >= 1 && few <= 2 && few <= limit);
    CHECK(many >= 1 && many <= limit);
    CHECK(unsaid >= 1 && unsaid <= limit);
    CHECK(omp_get_thread_limit() == before);
}

static void test_combined(int limit)
{
    int threads = 0, iterations = 0;
    #pragma omp target parallel num_threads(8) thread_limit(limit) map(tofrom : threads)
    tick(&threads);
    CHECK(threads >= 1 && threads <= limit);

    threads = 0;
    #pragma omp target parallel for thread_limit(limit) map(tofrom : threads) reduction(+ : iterations)
    for (int i = 0; i < 100; i++) {
        if (omp_get_thread_num() >= limit)
            tick(&threads);
        iterations++;
    }
    CHECK(threads == 0 && iterations == 100);
}

/* Teams may ask for less. */
static void test_teams(void)
{
    int inner = 0, outer = 0, threads = 0, teams = 0;
    #pragma omp target thread_limit(LIMIT) map(tofrom : inner, threads, teams)
    {
        #pragma omp teams num_teams(2) thread_limit(2)
        {
            if (omp_get_team_num() == 0)
                inner = omp_get_thread_limit();
            tick(&teams);
            #pragma omp parallel num_threads(8)
            tick(&threads);
        }
    }
    CHECK(teams >= 1 && teams <= 2);
    CHECK(inner >= 1 && inner <= LIMIT);
    CHECK(threads >= teams && threads <= 2 * teams);

    threads = teams = 0;
    #pragma omp target thread_limit(LIMIT) map(tofrom : outer, threads, teams)
    {
        #pragma omp teams num_teams(2)
        {
            if (omp_get_team_num() == 0)
                outer = omp_get_thread_limit();
            tick(&teams);
            #pragma omp parallel num_threads(8)
            tick(&threads);
        }
    }
    CHECK(outer >= 1 && outer <= LIMIT);
    CHECK(threads >= teams && threads <= LIMIT * teams);

    threads = teams = 0;
    #pragma omp target teams num_teams(2) thread_limit(2) map(tofrom : threads, teams)
    {
        tick(&teams);
        #pragma omp parallel num_threads(8)
        tick(&threads);
    }
    CHECK(teams >= 1 && teams <= 2 && threads >= teams && threads <= 2 * teams);
}

/* Other threads are not bound by it. */
static void test_threads(void)
{
    const int limit_before = omp_get_thread_limit();
    int limited = 0, outer = 0, wrong = 0;
    #pragma omp parallel num_threads(4)
    {
        int limit = LIMIT - omp_get_thread_num() % 2, mine = 0, said = 0;
        tick(&outer);
        #pragma omp target thread_limit(limit) map(tofrom : mine, said)
        {
            said = omp_get_thread_limit();
            #pragma omp parallel num_threads(6)
            tick(&mine);
        }
        tick(&limited);
        if ((said != limit && said != omp_get_thread_limit()) || mine < 1 || mine > limit || omp_get_thread_limit() != limit_before)
            tick(&wrong);
    }
    CHECK(limited == outer && wrong == 0);
    int after = 0;
    #pragma omp parallel num_threads(5)
    tick(&after);
    CHECK(after == outer + (outer > 1) || after == 5);
}

int main(void)
{
    omp_set_max_active_levels(2);
    for (int limit = 1; limit <= LIMIT; limit++) {
        test_parallel(limit);
        test_combined(limit);
    }
    test_teams();
    test_threads();
    return check_result("target_thread_limit");
}
