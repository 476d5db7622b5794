/*
 * What tasks see: threadprivate variables, large private ones, and the regions
 * that tasks are in and that are in tasks.
 */
#include "check.h"
#include <omp.h>
#include <string.h>

enum { TASKS = 300 };

static int mine = -1;
#pragma omp threadprivate(mine)

/* A tied task stays on its thread, whatever that does at scheduling points in between. */
static void test_threadprivate(void)
{
    int done = 0;
    #pragma omp parallel num_threads(4)
    {
        mine = omp_get_thread_num();
        #pragma omp barrier
        #pragma omp single
        for (int i = 0; i < TASKS; i++) {
            #pragma omp task shared(done)
            {
                const int before = mine;
                CHECK(mine == omp_get_thread_num());
                #pragma omp task
                CHECK(mine == omp_get_thread_num());
                #pragma omp taskyield
                CHECK(mine == before);
                #pragma omp taskwait
                CHECK(mine == before && omp_get_thread_num() == before);
                tick(&done);
            }
        }
    }
    CHECK(done == TASKS);
}

struct large {
    int values[25000];
};

static void test_large(void)
{
    static struct large sums;
    int all = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        struct large large;
        for (int i = 0; i < 60; i++) {
            for (int j = 0; j < 25000; j++)
                large.values[j] = i + j;
            #pragma omp task firstprivate(large, i) shared(all)
            {
                int same = 0;
                for (int j = 0; j < 25000; j++)
                    same += large.values[j] == i + j;
                CHECK(same == 25000);
                large.values[0] = -1;
                #pragma omp atomic
                sums.values[i]++;
                tick(&all);
            }
        }
        #pragma omp taskwait
        CHECK(large.values[0] == 59 && large.values[24999] == 59 + 24999);
    }
    CHECK(all == 60 && all_equal(sums.values, 60, 1));
}

/* Arrays, and variables that are wider than a word of the record. */
static void test_kinds(void)
{
    enum { N = 77 };
    int done = 0;
    char text[N];
    _Alignas(16) long double wide[4] = {1, 2, 3, 4};
    memset(text, 'a', sizeof text);
    #pragma omp parallel num_threads(3)
    #pragma omp single
    for (int i = 0; i < TASKS; i++) {
        char c = (char)i;
        short s = (short)(3 * i);
        long long l = (long long)i << 40;
        double d = i / 2.0;
        #pragma omp task firstprivate(c, s, l, d, i, text, wide) shared(done)
        {
            CHECK(c == (char)i && s == 3 * i && l >> 40 == i && d == i / 2.0 && wide[3] == 4);
            CHECK(text[0] == 'a' && text[N - 1] == 'a');
            CHECK((unsigned long)&wide % _Alignof(long double) == 0);
            text[0] = 'b';
            wide[3] = 5;
            tick(&done);
        }
    }
    CHECK(done == TASKS && text[0] == 'a' && wide[3] == 4);
}

/* A region inside of a task has a team and tasks of its own; those outside go on meanwhile. */
static void test_regions_in_tasks(void)
{
    int done = 0, inner = 0, behind = 0;
    #pragma omp parallel num_threads(3)
    {
        #pragma omp for
        for (int i = 0; i < 12; i++) {
            #pragma omp task shared(done, inner, behind)
            {
                int count = 0, team = 0;
                const int outer = omp_get_thread_num();
                #pragma omp parallel num_threads(2) shared(count, team)
                {
                    CHECK(omp_get_level() == 2);
                    tick(&team);
                    for (int j = 0; j < 10; j++) {
                        #pragma omp task shared(count)
                        tick(&count);
                    }
                    #pragma omp barrier
                    CHECK(count == 10 * team);
                    #pragma omp single nowait
                    {
                        #pragma omp task shared(count)
                        tick(&count);
                    }
                }
                CHECK(count == 10 * team + 1 && omp_get_thread_num() == outer && omp_get_level() == 1);
                tick(&inner);
                #pragma omp task shared(behind)
                tick(&behind);
            }
            tick(&done);
        }
        CHECK(done == 12);
        #pragma omp barrier
        CHECK(inner == 12 && behind == 12);
    }
}

/* What is in a task, and not a variable of it. */
static void test_nested_teams(void)
{
    const int levels = omp_get_max_active_levels();
    omp_set_max_active_levels(3);
    int leaves = 0, teams = 0;
    #pragma omp parallel num_threads(2) shared(leaves, teams)
    {
        #pragma omp single
        for (int i = 0; i < 4; i++) {
            #pragma omp task shared(leaves, teams)
            {
                #pragma omp parallel num_threads(2)
                {
                    #pragma omp task shared(leaves, teams)
                    {
                        #pragma omp parallel num_threads(2)
                        {
                            tick(&teams);
                            for (int j = 0; j < 5; j++) {
                                #pragma omp task shared(leaves)
                                tick(&leaves);
                            }
                        }
                    }
                }
            }
        }
    }
    CHECK(leaves == 5 * teams && teams >= 4);
    omp_set_max_active_levels(levels);
}

/* Tasks in many kinds of places: none gets lost. */
static void test_places(void)
{
    int count = 0, team = 0;
    #pragma omp task shared(count)
    tick(&count);
    CHECK(count == 1);
    #pragma omp parallel num_threads(3)
    {
        tick(&team);
        #pragma omp master
        {
            #pragma omp task shared(count)
            tick(&count);
        }
        #pragma omp sections nowait
        {
            #pragma omp section
            {
                #pragma omp task shared(count)
                tick(&count);
            }
            #pragma omp section
            {
                #pragma omp task shared(count)
                tick(&count);
            }
        }
        #pragma omp for schedule(dynamic) nowait
        for (int i = 0; i < 10; i++) {
            #pragma omp task shared(count)
            tick(&count);
        }
        #pragma omp critical
        {
            #pragma omp task shared(count)
            tick(&count);
        }
    }
    CHECK(count == 14 + team);
    #pragma omp parallel if(0)
    {
        #pragma omp task shared(count)
        tick(&count);
        CHECK(count == 15 + team);
    }
}

/* Regions with tasks behind many barriers without, and the other way round; teams of different sizes. */
static void test_seldom(void)
{
    for (int round = 0; round < 60; round++) {
        int count = 0, team = 0, barriers = round % 20;
        #pragma omp parallel num_threads(1 + round % 4)
        {
            tick(&team);
            for (int i = 0; i < barriers; i++) {
                #pragma omp barrier
            }
            if (round % 21 == 20 || round < 20) {
                #pragma omp task shared(count)
                tick(&count);
                #pragma omp barrier
                CHECK(count == team);
            }
            #pragma omp barrier
        }
    }
}

int main(void)
{
    test_threadprivate();
    test_large();
    test_kinds();
    test_regions_in_tasks();
    test_nested_teams();
    test_places();
    test_seldom();
    return check_result("task_data");
}
