/* target_queries: what regions of all kinds ask the runtime for. */
#include "../constructs/check.h"
#include <omp.h>

enum { N = 500, TEAMS = 4, FEW = 8 };

/* What is asked for, and the answers. */
struct answers {
    int limit, max_threads, procs, max_teams, teams_limit;
    int in_parallel, level, active_level, max_levels, nested, dynamic, cancellation, final, bind, places;
    int thread, threads, thread_at[4], size_at[4];
    int initial, initial_device, default_device, devices, device, team, teams;
};

static struct answers answers[N];

#pragma omp declare target
__attribute__((noinline)) static void ask_beyond(struct answers *a)
{
    a->max_levels = omp_get_max_active_levels();
    a->nested = omp_get_nested();
    a->dynamic = omp_get_dynamic();
    a->cancellation = omp_get_cancellation();
    a->final = omp_in_final();
    a->bind = omp_get_proc_bind();
    a->places = omp_get_num_places();
    a->initial = omp_is_initial_device();
    a->initial_device = omp_get_initial_device();
    a->default_device = omp_get_default_device();
    a->devices = omp_get_num_devices();
    a->device = omp_get_device_num();
}

static inline void ask(struct answers *a)
{
    a->limit = omp_get_thread_limit();
    a->max_threads = omp_get_max_threads();
    a->procs = omp_get_num_procs();
    a->max_teams = omp_get_max_teams();
    a->teams_limit = omp_get_teams_thread_limit();
    a->in_parallel = omp_in_parallel();
    a->level = omp_get_level();
    a->active_level = omp_get_active_level();
    a->thread = omp_get_thread_num();
    a->threads = omp_get_num_threads();
    a->team = omp_get_team_num();
    a->teams = omp_get_num_teams();
    for (int level = -1; level < 3; level++) {
        a->thread_at[level + 1] = omp_get_ancestor_thread_num(level);
        a->size_at[level + 1] = omp_get_team_size(level);
    }
    ask_beyond(a);
}
#pragma omp end declare target

static void check(const struct answers *a, int level, int limit)
{
    CHECK(a->limit >= 1 && (limit == 0 || a->limit <= limit) && a->max_threads >= 1 && a->procs >= 1);
    CHECK(a->max_teams >= 0 && a->teams_limit >= 0 && a->max_levels >= 1);
    CHECK(a->level == level && a->active_level <= level && a->in_parallel == (a->active_level > 0));
    CHECK(a->thread >= 0 && a->thread < a->threads && a->threads <= a->limit);
    CHECK(!a->in_parallel || a->threads > 1);
    CHECK(a->team >= 0 && a->team < a->teams);
    CHECK(a->thread_at[0] == -1 && a->size_at[0] == -1 && a->thread_at[3] == -1 && a->size_at[3] == -1);
    CHECK(a->thread_at[1] == 0 && a->size_at[1] == 1);
    CHECK(a->thread_at[2] == (level == 1 ? a->thread : -1) && a->size_at[2] == (level == 1 ? a->threads : -1));
    CHECK(a->final == 0 && a->cancellation == 0 && a->places >= 0);
    /* Where there is no device, the host is the one. */
    CHECK(a->initial == (a->device == omp_get_initial_device()));
    CHECK(a->devices == omp_get_num_devices() && a->initial_device == omp_get_initial_device());
}

static void in_one_team(void)
{
    #pragma omp target map(from : answers)
    ask(&answers[0]);
    check(&answers[0], 0, 0);
    CHECK(answers[0].threads == 1);
    #pragma omp target thread_limit(FEW) map(from : answers)
    {
        ask(&answers[0]);
        #pragma omp parallel num_threads(3)
        {
            if (omp_get_thread_num() == omp_get_num_threads() - 1)
                ask(&answers[1]);
        }
    }
    check(&answers[0], 0, FEW);
    check(&answers[1], 1, FEW);
    CHECK(answers[1].threads <= 3);
    int threads = 0;
    #pragma omp target parallel map(from : answers, threads) thread_limit(FEW)
    {
        #pragma omp masked
        threads = omp_get_num_threads();
        ask(&answers[omp_get_thread_num()]);
    }
    CHECK(threads >= 1 && threads <= FEW);
    for (int t = 0; t < threads; t++) {
        check(&answers[t], 1, FEW);
        CHECK(answers[t].thread == t && answers[t].threads == threads);
    }
}

static void in_leagues(void)
{
    int teams = 0;
    #pragma omp target teams num_teams(TEAMS) thread_limit(FEW) map(from : answers) map(tofrom : teams)
    {
        int team = omp_get_team_num();
        ask(&answers[team]);
        if (team == 0)
            teams = omp_get_num_teams();
        #pragma omp parallel
        {
            #pragma omp masked
            ask(&answers[TEAMS + team]);
        }
    }
    CHECK(teams >= 1 && teams <= TEAMS);
    for (int t = 0; t < teams; t++) {
        check(&answers[t], 0, FEW);
        check(&answers[TEAMS + t], 1, FEW);
        CHECK(answers[t].team == t && answers[TEAMS + t].team == t);
    }
    #pragma omp target teams distribute map(from : answers)
    for (int i = 0; i < N; i++)
        ask(&answers[i]);
    for (int i = 0; i < N; i++)
        check(&answers[i], 0, 0);
}

static void in_loops(void)
{
    int levels[N], parallel[N], few = FEW;
    #pragma omp target teams distribute parallel for map(from : answers) thread_limit(few)
    for (int i = 0; i < N; i++)
        ask(&answers[i]);
    for (int i = 0; i < N; i++)
        check(&answers[i], 1, FEW);
    #pragma omp target parallel for map(from : answers)
    for (int i = 0; i < N; i++)
        ask(&answers[i]);
    for (int i = 0; i < N; i++)
        check(&answers[i], 1, 0);
    /* These do not depend on the team. */
    #pragma omp target teams distribute parallel for map(from : levels, parallel)
    for (int i = 0; i < N; i++) {
        levels[i] = omp_get_level() + 10 * omp_is_initial_device();
        parallel[i] = omp_in_parallel();
    }
    for (int i = 0; i < N; i++)
        CHECK(levels[i] % 10 == 1 && levels[i] == levels[0] && (parallel[i] == 1 || parallel[i] == 0));
    #pragma omp target teams distribute map(from : levels)
    for (int i = 0; i < N; i++)
        levels[i] = omp_get_level() + omp_in_parallel();
    CHECK(all_equal(levels, N, 0));
}

int main(void)
{
    in_one_team();
    in_leagues();
    in_loops();
    return check_result("target_queries");
}
