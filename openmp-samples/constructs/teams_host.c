/*
 * teams_host: a league of teams on the host, loops distributed over the teams
 * and over their threads.
 */
#include "check.h"
#include <omp.h>

enum { N = 500 };

static void test_league(int num_teams)
{
    int runs[4] = {0}, threads = 0, league = 0;
    #pragma omp teams num_teams(num_teams) thread_limit(3)
    {
        CHECK(omp_get_num_teams() >= 1 && omp_get_num_teams() <= num_teams);
        CHECK(omp_get_team_num() >= 0 && omp_get_team_num() < omp_get_num_teams());
        tick(&runs[omp_get_team_num()]);
        if (omp_get_team_num() == 0)
            league = omp_get_num_teams();
        const int team = omp_get_team_num();
        #pragma omp parallel num_threads(2)
        {
            tick(&threads);
            CHECK(omp_get_team_num() == team && omp_get_level() == 1);
            CHECK(omp_get_thread_num() < omp_get_num_threads() && omp_get_num_threads() <= 2);
        }
    }
    CHECK(league >= 1 && all_equal(runs, league, 1) && all_equal(runs + league, 4 - league, 0));
    CHECK(threads >= league && threads <= 2 * league);
}

static void test_distribute(int num_teams)
{
    int count[N] = {0}, chunked[N] = {0}, team[N], both[N] = {0};
    long sum = 5;

    #pragma omp teams num_teams(num_teams)
    {
        #pragma omp distribute
        for (int i = 0; i < N; i++)
            tick(&count[i]);
        #pragma omp distribute dist_schedule(static, 7)
        for (int i = 0; i < N; i++) {
            tick(&chunked[i]);
            team[i] = omp_get_team_num();
            CHECK(team[i] == i / 7 % omp_get_num_teams());
        }
    }
    CHECK(all_equal(count, N, 1) && all_equal(chunked, N, 1));

    #pragma omp teams distribute parallel for num_teams(num_teams) reduction(+ : sum)
    for (int i = 0; i < N; i++) {
        tick(&both[i]);
        sum += i;
    }
    CHECK(all_equal(both, N, 1) && sum == 5 + (long)N * (N - 1) / 2);

    int square[20][25] = {{0}}, last = 0;
    #pragma omp teams distribute parallel for collapse(2) num_teams(num_teams) \
        dist_schedule(static, 60) schedule(dynamic, 2) lastprivate(last)
    for (int i = 0; i < 20; i++)
        for (int j = 0; j < 25; j++) {
            tick(&square[i][j]);
            last = 100 * i + j;
        }
    CHECK(all_equal(square[0], 500, 1));
#if !defined(__clang__) || defined(__wasm__) /* see firstprivate_lastprivate */
    CHECK(last == 1924);
#endif
    (void)last;
}

int main(void)
{
    for (int round = 0; round < 5; round++)
        for (int n = 1; n <= 4; n++) {
            test_league(n);
            test_distribute(n);
        }
    return check_result("teams_host");
}
