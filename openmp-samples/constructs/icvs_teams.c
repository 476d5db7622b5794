/*
 * icvs_teams: internal control variables of leagues and of nesting, which are
 * set and read back, and what a league makes of them.
 */
#include "check.h"
#include <omp.h>

static void test_teams(void)
{
    int league = 0, most = 0;
    omp_set_num_teams(2);
    CHECK(omp_get_max_teams() == 2);
    omp_set_teams_thread_limit(2);
    CHECK(omp_get_teams_thread_limit() == 2);
    #pragma omp teams reduction(+ : league) reduction(max : most)
    {
        league++;
        #pragma omp parallel reduction(max : most)
        most = omp_get_num_threads();
    }
    CHECK(league >= 1 && league <= 2 && most >= 1 && most <= 2);
}

#ifdef __clang__
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#else
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif

static void test_nested(void)
{
    omp_set_nested(1);
    CHECK(omp_get_nested() == 1 && omp_get_max_active_levels() > 1);
    omp_set_nested(0);
    CHECK(omp_get_nested() == 0 && omp_get_max_active_levels() == 1);
}

int main(void)
{
    CHECK(omp_get_max_task_priority() >= 0);
    test_teams();
    test_nested();
    return check_result("icvs_teams");
}
