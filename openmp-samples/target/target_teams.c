/* target_teams: teams regions that share a loop among teams, and do what only teams can tell. */
#include "../constructs/check.h"
#include <omp.h>

enum { N = 1003 };

static double a[N];

/* The iterations of one team come one after the other. */
static void in_one_team(void)
{
    #pragma omp target teams distribute num_teams(1) map(from : a)
    for (int i = 0; i < N; i++)
        a[i] = i == 0 ? 1 : a[i - 1] + 1;
    for (int i = 0; i < N; i++)
        CHECK(a[i] == i + 1);
}

#pragma omp declare target
__attribute__((noinline)) static void count(int *counter)
{
    #pragma omp atomic
    ++*counter;
}
#pragma omp end declare target

/* What stands beside the loop is done once by each team. */
static void beside(void)
{
    int teams = 0, iterations = 0;
    #pragma omp target teams num_teams(3) map(tofrom : teams, iterations)
    {
        count(&teams);
        #pragma omp distribute
        for (int i = 0; i < N; i++)
            count(&iterations);
    }
    CHECK(teams >= 1 && teams <= 3 && iterations == N);
}

int main(void)
{
    in_one_team();
    beside();
    return check_result("target_teams");
}
