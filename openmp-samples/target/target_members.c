/* target_members: parallel regions of a device whose threads are to be told apart, or wait for one another. */
#include "../constructs/check.h"
#include <omp.h>

enum { N = 1000, THREADS = 64 };

static int a[N], b[N], place[THREADS], count[THREADS];
static double numbers[N];

/* Each thread leaves something for its neighbour; then they share loops of several schedules. */
static void neighbours(void)
{
    int threads = 0;
    for (int i = 0; i < N; i++)
        a[i] = i;
    for (int t = 0; t < THREADS; t++)
        count[t] = 0;
    #pragma omp target parallel num_threads(THREADS) map(tofrom : a, b, place, count, threads)
    {
        int t = omp_get_thread_num(), n = omp_get_num_threads();
        place[t] = t * 3;
        count[t]++;
        #pragma omp barrier
        if (t == 0)
            threads = n;
        b[t] = place[(t + 1) % n];
        #pragma omp barrier
        #pragma omp for
        for (int i = 0; i < N; i++)
            a[i] *= 2;
        #pragma omp for schedule(static, 7)
        for (int i = 0; i < N; i++)
            a[i] += i;
        #pragma omp for schedule(dynamic, 3)
        for (int i = N - 1; i >= 0; i--)
            a[i]++;
        #pragma omp single
        b[500] = 77;
        #pragma omp master
        b[501] = n;
        #pragma omp for
        for (int i = 600; i < 700; i++)
            b[i] = b[500] + i;
    }
    CHECK(threads >= 1 && threads <= THREADS);
    for (int t = 0; t < THREADS; t++) {
        CHECK(count[t] == (t < threads));
        CHECK(t >= threads || b[t] == (t + 1) % threads * 3);
    }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == 3 * i + 1);
    for (int i = 600; i < 700; i++)
        CHECK(b[i] == 77 + i);
    CHECK(b[501] == threads);
}

static void reductions(void)
{
    const double all = N * (N - 1) / 2;
    double sum = 1;
    for (int i = 0; i < N; i++)
        numbers[i] = i;
    #pragma omp target parallel map(tofrom : sum) map(to : numbers) reduction(+ : sum)
    {
        #pragma omp for nowait
        for (int i = 0; i < N; i++)
            sum += numbers[i];
    }
    CHECK(sum == 1 + all);
    #pragma omp target parallel map(tofrom : sum, a) map(to : numbers)
    {
        #pragma omp for reduction(+ : sum)
        for (int i = 0; i < N; i++)
            sum += numbers[i];
        #pragma omp for
        for (int i = 0; i < N; i++)
            a[i] = (int)sum;
    }
    CHECK(sum == 1 + 2 * all);
    CHECK(all_equal(a, N, (int)(1 + 2 * all)));
}

/* A barrier in a loop. */
static void doubling(void)
{
    enum { LENGTH = 128 };
    int from[LENGTH], to[LENGTH];
    for (int i = 0; i < LENGTH; i++)
        from[i] = 1;
    #pragma omp target parallel map(tofrom : from, to) num_threads(LENGTH)
    {
        int n = omp_get_num_threads(), t = omp_get_thread_num();
        for (int step = 1; step < LENGTH; step *= 2) {
            for (int i = t; i < LENGTH; i += n)
                to[i] = i >= step ? from[i] + from[i - step] : from[i];
            #pragma omp barrier
            for (int i = t; i < LENGTH; i += n)
                from[i] = to[i];
            #pragma omp barrier
        }
    }
    for (int i = 0; i < LENGTH; i++)
        CHECK(from[i] == i + 1);
}

/* After the last barrier, and after one in a branch, threads go different ways. */
static void apart(void)
{
    int own[THREADS], flag = 1, threads = 0;
    for (int t = 0; t < THREADS; t++)
        own[t] = -1;
    #pragma omp target parallel num_threads(8) map(tofrom : own, threads) firstprivate(flag)
    {
        int t = omp_get_thread_num();
        own[t] = 7;
        if (t == 0)
            threads = omp_get_num_threads();
        if (flag) {
            #pragma omp barrier
            if (t == 1)
                own[1] = 8;
        }
        own[t] += 100;
        #pragma omp barrier
        for (int i = 0; i < t; i++)
            own[t] += own[t] < 200;
    }
    CHECK(threads >= 1 && threads <= 8);
    for (int t = 0; t < THREADS; t++)
        CHECK(own[t] == (t < threads ? (t == 1 ? 108 : 107) + t : -1));
}

static void sections(void)
{
    int number[4][3] = {0}, teams = 0;
    #pragma omp target teams num_teams(4) map(tofrom : number, teams)
    {
        int team = omp_get_team_num();
        if (team == 0)
            teams = omp_get_num_teams();
        #pragma omp parallel sections
        {
            #pragma omp section
            number[team][0] = team;
            #pragma omp section
            number[team][1] = team + 1;
            #pragma omp section
            number[team][2] = team + 2;
        }
    }
    CHECK(teams >= 1 && teams <= 4);
    for (int team = 0; team < teams; team++)
        for (int i = 0; i < 3; i++)
            CHECK(number[team][i] == team + i);
}

/* Serial code around threads that wait for one another. */
static void in_turn(void)
{
    int total = 0, each = 0;
    #pragma omp target map(tofrom : total, b, each)
    {
        for (int i = 0; i < N; i++)
            b[i] = 1;
        #pragma omp parallel
        {
            #pragma omp for
            for (int i = 0; i < N; i++)
                b[i] += i;
            #pragma omp for
            for (int i = 0; i < N; i++)
                a[i] = b[N - 1 - i];
            #pragma omp atomic
            each++;
        }
        for (int i = 0; i < N; i++)
            total += a[i];
    }
    CHECK(total == N + N * (N - 1) / 2);
    CHECK(each >= 1);
}

/* Which thread, of which team, executes an iteration. */
static void numbered(void)
{
    enum { TEAMS = 7, FEW = 8 };
    int team[N], teams[N], thread[N], threads[N];
    double part[FEW] = {0}, sum = 0;
    #pragma omp target teams distribute parallel for map(from : team, teams, thread, threads) num_teams(TEAMS)
    for (int i = 0; i < N; i++) {
        team[i] = omp_get_team_num();
        teams[i] = omp_get_num_teams();
        thread[i] = omp_get_thread_num();
        threads[i] = omp_get_num_threads();
    }
    for (int i = 0; i < N; i++) {
        CHECK(teams[i] >= 1 && teams[i] <= TEAMS && team[i] >= 0 && team[i] < teams[i]);
        CHECK(thread[i] >= 0 && thread[i] < threads[i]);
    }
    #pragma omp target parallel for map(tofrom : part) map(to : numbers) num_threads(FEW)
    for (int i = 0; i < N; i++)
        part[omp_get_thread_num()] += numbers[i];
    for (int t = 0; t < FEW; t++)
        sum += part[t];
    CHECK(sum == N * (N - 1) / 2);
}

/* Leagues that reduce, with parallel regions and without. */
static void leagues(void)
{
    int teams = 0, sum = 0, greatest = -1;
    for (int i = 0; i < N; i++)
        a[i] = i;
    #pragma omp target teams distribute reduction(+ : sum) map(tofrom : sum, teams) map(to : a)
    for (int i = 0; i < N; i++) {
        teams = omp_get_num_teams();
        sum += a[i];
    }
    CHECK(sum == N * (N - 1) / 2 && teams >= 1);
    sum = 3;
    #pragma omp target teams distribute reduction(+ : sum) reduction(max : greatest) map(to : a)
    for (int i = 0; i < N / 10; i++) {
        int own = 0;
        #pragma omp parallel for reduction(+ : own)
        for (int j = 0; j < 10; j++)
            own += a[i * 10 + j];
        sum += own;
        greatest = own > greatest ? own : greatest;
    }
    CHECK(sum == 3 + N * (N - 1) / 2);
    CHECK(greatest == 10 * (N - 10) + 45);
}

/* Regions without any parallel region. */
static void serial(void)
{
    int sum = 0, first[3] = {1, 2, 3};
    long long big = 1LL << 40;
    #pragma omp target simd map(tofrom : a)
    for (int i = 0; i < N; i++)
        a[i] = i + 1;
    #pragma omp target map(tofrom : sum) firstprivate(first, big)
    {
        for (int i = 0; i < N; i++)
            sum += a[i];
        first[1] = omp_get_thread_num() + omp_get_num_threads();
        sum += first[0] + first[1] + first[2] + (int)(big >> 40);
    }
    CHECK(sum == N * (N + 1) / 2 + 1 + 1 + 3 + 1);
    CHECK(first[1] == 2);
}

int main(void)
{
    neighbours();
    reductions();
    doubling();
    apart();
    sections();
    in_turn();
    numbered();
    leagues();
    serial();
    return check_result("target_members");
}
