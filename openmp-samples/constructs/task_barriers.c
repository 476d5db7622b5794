/*
 * Tasks and barriers in any order: regions with none of the one or of the
 * other, teams of changing sizes, tasks that come up long after the region has
 * begun, from one thread or from several. A barrier ends when all threads have
 * arrived and all tasks so far have been executed.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

enum { REGIONS = 250, BARRIERS = 40 };

/* Numbers that depend on the seed alone (splitmix64). */
static uint64_t next(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static int below(uint64_t *seed, int n) { return (int)(next(seed) % (uint64_t)n); }

static void wait_a_little(int n)
{
    for (volatile int i = 0; i < n; i++)
        ;
}

/* For each barrier: the threads before it, the tasks that have been generated before it, and those executed. */
static int arrived[BARRIERS + 1], generated[BARRIERS + 1], executed[BARRIERS + 1];

static void tasks(uint64_t *seed, int before)
{
    const int n = 1 + below(seed, 5);
    for (int i = 0; i < n; i++) {
        tick(&generated[before]);
        #pragma omp task firstprivate(before, i)
        {
            wait_a_little(50 * i);
            if (i == 3) {
                tick(&generated[before]);
                #pragma omp task firstprivate(before)
                tick(&executed[before]);
            }
            tick(&executed[before]);
        }
    }
}

static void region(uint64_t seed, int is_quiet)
{
    static const int sizes[8] = {2, 3, 4, 5, 6, 7, 8, 3};
    const int size = sizes[below(&seed, 8)], n = below(&seed, BARRIERS), seldom = 1 + below(&seed, 40);
    for (int i = 0; i <= n; i++)
        arrived[i] = generated[i] = executed[i] = 0;
    #pragma omp parallel num_threads(size)
    {
        uint64_t mine = seed + (uint64_t)omp_get_thread_num();
        for (int i = 0; i < n; i++) {
            if (!is_quiet && below(&mine, seldom) == 0)
                tasks(&mine, i);
            wait_a_little(below(&mine, 200));
            tick(&arrived[i]);
            #pragma omp barrier
            CHECK(arrived[i] == omp_get_num_threads() && executed[i] == generated[i]);
        }
        if (!is_quiet && below(&mine, seldom) == 0)
            tasks(&mine, n);
    }
    CHECK(executed[n] == generated[n]);
}

int main(void)
{
    uint64_t seed = 1;
    for (int i = 0; i < REGIONS; i++)
        region(next(&seed), i % 37 < 18);
    return check_result("task_barriers");
}
