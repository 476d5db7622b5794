/* target_nested: parallel regions in parallel regions of a device, which have one thread each; and constructs in functions that threads call. */
#include "../constructs/check.h"
#include <omp.h>

enum { N = 240, THREADS = 8 };

static int a[N], b[N], sums[N];

static void clear(void)
{
    for (int i = 0; i < N; i++)
        a[i] = b[i] = sums[i] = 0;
}

/* Where a thread is. */
struct place {
    int level, thread, threads, outer, size;
};

#pragma omp declare target
static void note(struct place *p)
{
    p->level = omp_get_level();
    p->thread = omp_get_thread_num();
    p->threads = omp_get_num_threads();
    p->outer = omp_get_ancestor_thread_num(1);
    p->size = omp_get_team_size(1);
}

/* A nested parallel region in a function. */
__attribute__((noinline)) static int row(const int *from, int n, int threads)
{
    int sum = 0;
    #pragma omp parallel for reduction(+ : sum) num_threads(threads) schedule(dynamic)
    for (int i = 0; i < n; i++)
        sum += from[i];
    return sum;
}

/* Constructs that all threads of a team come to in a function. */
__attribute__((noinline)) static double sum_of(const int *from, int n, double *total)
{
    #pragma omp single
    *total = 0;
    #pragma omp for reduction(+ : total[:1])
    for (int i = 0; i < n; i++)
        *total += from[i];
    #pragma omp master
    *total /= 2;
    #pragma omp barrier
    return *total * 2;
}

__attribute__((noinline)) static void shift(int *to, int *from, int n, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        #pragma omp for schedule(dynamic, 5)
        for (int i = 0; i < n; i++)
            to[i] = from[(i + 1) % n];
        if (round % 2 == 0) {
            #pragma omp for schedule(static, 3)
            for (int i = 0; i < n; i++)
                from[i] = to[i];
        } else {
            #pragma omp sections
            {
                #pragma omp section
                for (int i = 0; i < n / 2; i++)
                    from[i] = to[i];
                #pragma omp section
                for (int i = n / 2; i < n; i++)
                    from[i] = to[i];
            }
        }
    }
}
#pragma omp end declare target

/* In a region whose threads are told apart. */
static void in_a_team(void)
{
    struct place inner[THREADS], outer[THREADS], deep[THREADS];
    int threads = 0, wrong = 0;
    clear();
    #pragma omp target parallel num_threads(THREADS) map(from : inner, outer, deep) map(tofrom : threads, a, b, wrong)
    {
        int t = omp_get_thread_num(), n = omp_get_num_threads(), own = 0, last = -1;
        #pragma omp parallel num_threads(4) shared(own) firstprivate(t)
        {
            note(&inner[t]);
            #pragma omp for reduction(+ : own) lastprivate(last)
            for (int i = 0; i < 10; i++) {
                own += i + t;
                last = i;
            }
            #pragma omp barrier
            #pragma omp single
            own++;
            #pragma omp masked
            own++;
            #pragma omp for schedule(guided) ordered
            for (long i = 9; i >= 0; i--) {
                #pragma omp ordered
                own = own * 2 % 1001;
            }
            #pragma omp sections
            {
                #pragma omp section
                own += 100;
                #pragma omp section
                own += 200;
            }
            #pragma omp parallel firstprivate(t)
            note(&deep[t]);
        }
        note(&outer[t]);
        #pragma omp barrier
        a[t] = own;
        b[t] = last;
        if (t == 0)
            threads = n;
        #pragma omp for
        for (int i = 0; i < N; i++) {
            #pragma omp atomic
            wrong += omp_get_level() != 1;
        }
    }
    CHECK(threads >= 1 && threads <= THREADS && wrong == 0);
    for (int t = 0; t < threads; t++) {
        CHECK(a[t] == (45 + 10 * t + 2) * 1024 % 1001 + 300 && b[t] == 9);
        CHECK(outer[t].level == 1 && outer[t].thread == t && outer[t].threads == threads);
        CHECK(inner[t].level == 2 && inner[t].outer == t && inner[t].size == threads);
        CHECK(inner[t].thread < inner[t].threads && deep[t].level == 3 && deep[t].outer == t);
    }
}

/* In loops, by way of a function and without. */
static void in_loops(int few)
{
    int levels[N];
    clear();
    for (int i = 0; i < N; i++)
        a[i] = i;
    #pragma omp target teams distribute parallel for map(to : a) map(from : sums, b, levels)
    for (int i = 0; i < N; i++) {
        int twice = 0;
        sums[i] = row(a, i, few);
        #pragma omp parallel for reduction(+ : twice) if (i % 2)
        for (int k = 0; k <= i; k++)
            twice += 2 * a[k];
        #pragma omp parallel if (few > 1) num_threads(1)
        levels[i] = omp_get_level();
        b[i] = twice;
    }
    for (int i = 0; i < N; i++)
        CHECK(sums[i] == i * (i - 1) / 2 && b[i] == i * (i + 1) && levels[i] == 2);
    #pragma omp target map(to : a) map(from : sums)
    {
        #pragma omp parallel for
        for (int i = 0; i < N; i++)
            sums[i] = row(a, i, few) + 1;
    }
    for (int i = 0; i < N; i++)
        CHECK(sums[i] == i * (i - 1) / 2 + 1);
    #pragma omp target teams distribute map(to : a) map(from : b)
    for (int i = 0; i < N; i++)
        b[i] = row(a, i, 2 * few);
    for (int i = 0; i < N; i++)
        CHECK(b[i] == i * (i - 1) / 2);
}

/* Regions that one thread executes by their if clause, in a team's code and in a thread's. */
static void conditional(int is_parallel)
{
    int levels[3] = {0}, active = -1, threads = 0;
    clear();
    #pragma omp target map(tofrom : a, levels, active, threads)
    {
        #pragma omp parallel if (is_parallel) num_threads(THREADS)
        {
            #pragma omp parallel for if (is_parallel == 2)
            for (int i = 0; i < N; i++) {
                #pragma omp atomic
                a[i]++;
            }
            #pragma omp master
            {
                levels[0] = omp_get_level();
                active = omp_in_parallel();
                threads = omp_get_num_threads();
                #pragma omp parallel if (0)
                levels[1] = omp_get_level();
            }
        }
        levels[2] = omp_get_level();
    }
    CHECK(levels[0] == 1 && levels[1] == 2 && levels[2] == 0 && active == (threads > 1));
    CHECK(threads >= 1 && threads <= (is_parallel ? THREADS : 1));
    for (int i = 0; i < N; i++)
        CHECK(a[i] == threads);
}

static void in_functions(int rounds)
{
    double total = -1, totals[THREADS];
    int threads = 0;
    for (int i = 0; i < N; i++)
        a[i] = i;
    #pragma omp target parallel num_threads(THREADS) map(tofrom : a, b, total, threads) map(from : totals)
    {
        int t = omp_get_thread_num();
        shift(b, a, N, rounds);
        totals[t] = sum_of(a, N, &total);
        if (t == 0)
            threads = omp_get_num_threads();
    }
    CHECK(threads >= 1 && threads <= THREADS && total * 4 == N * (N - 1));
    for (int t = 0; t < threads; t++)
        CHECK(totals[t] == 2 * total);
    for (int i = 0; i < N; i++)
        CHECK(a[i] == (i + rounds) % N);
    #pragma omp target teams num_teams(1) map(tofrom : a, b, total) map(from : totals)
    {
        #pragma omp parallel num_threads(2)
        shift(b, a, N, rounds);
        #pragma omp parallel num_threads(2)
        {
            double sum = sum_of(b, N, &total);
            #pragma omp single
            totals[0] = sum;
        }
    }
    CHECK(totals[0] == N * (N - 1) / 2);
    for (int i = 0; i < N; i++)
        CHECK(a[i] == (i + 2 * rounds) % N);
}

int main(void)
{
    in_functions(1);
    in_functions(4);
    in_a_team();
    in_loops(3);
    for (int is_parallel = 0; is_parallel < 3; is_parallel++)
        conditional(is_parallel);
    return check_result("target_nested");
}
