/*
 * depend: tasks of one parent are executed in the order that their
 * dependences ask for, whichever thread executes them.
 */
#include "check.h"
#include <omp.h>
#include <stdlib.h>

enum { ROUNDS = 20, READERS = 7 };

/* Something to do, so that tasks overlap. */
static void work(void)
{
    for (volatile int i = 0; i < 300; i++)
        ;
}

/* Each writer comes after all readers before it, and these after the writer before. */
static void test_in_out(void)
{
    int value = 0, seen = 0;
    #pragma omp parallel num_threads(4)
    #pragma omp single
    for (int i = 0; i < ROUNDS; i++) {
        #pragma omp task depend(out : value) shared(value, seen)
        {
            CHECK(value == i && seen == i * READERS);
            work();
            value = i + 1;
        }
        for (int reader = 0; reader < READERS; reader++) {
            #pragma omp task depend(in : value) shared(value, seen)
            {
                CHECK(value == i + 1);
                work();
                tick(&seen);
            }
        }
    }
    CHECK(value == ROUNDS && seen == ROUNDS * READERS);
}

/* One at a time, in any order; those of another kind before and behind. */
static void test_mutexinoutset(void)
{
    int busy[2] = {0, 0}, done = 0, first = 0, second = 0;
    #pragma omp parallel num_threads(4)
    #pragma omp single
    for (int i = 0; i < ROUNDS; i++) {
        #pragma omp task depend(in : first) shared(first, done)
        CHECK(done % READERS == 0 && done == i * READERS);
        for (int j = 0; j < READERS; j++) {
            if (j % 3 == 0) {
                #pragma omp task depend(mutexinoutset : first) shared(busy, done)
                {
                    CHECK(tick(&busy[0]) == 0);
                    work();
                    busy[0] = 0;
                    tick(&done);
                }
            } else {
                #pragma omp task depend(mutexinoutset : first, second) shared(busy, done)
                {
                    CHECK(tick(&busy[0]) == 0 && tick(&busy[1]) == 0);
                    work();
                    busy[0] = busy[1] = 0;
                    tick(&done);
                }
            }
        }
        #pragma omp task depend(inout : first) shared(first, done)
        CHECK(done == (i + 1) * READERS);
    }
    CHECK(done == ROUNDS * READERS);
    (void)second;
}

/* Concurrently with each other, behind those before and before those behind. */
static void test_inoutset(void)
{
    int value = 0, in_set = 0, readers = 0;
    #pragma omp parallel num_threads(4)
    #pragma omp single
    for (int i = 0; i < ROUNDS; i++) {
        for (int j = 0; j < READERS; j++) {
            #pragma omp task depend(inoutset : value) shared(in_set, readers)
            {
                CHECK(readers == i * READERS);
                work();
                tick(&in_set);
            }
        }
        for (int j = 0; j < READERS; j++) {
            #pragma omp task depend(in : value) shared(in_set, readers)
            {
                CHECK(in_set == (i + 1) * READERS);
                work();
                tick(&readers);
            }
        }
    }
    CHECK(in_set == ROUNDS * READERS && readers == in_set);
    (void)value;
}

/* Elements, sections of arrays (it is where they begin that counts), and as many as an iterator says. */
static void test_lists(void)
{
    enum { N = 12 };
    int cells[N][N] = {{0}}, *rows[N], sums[N] = {0};
    for (int i = 0; i < N; i++)
        rows[i] = cells[i];
    #pragma omp parallel num_threads(4)
    #pragma omp single
    {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                const int up = i > 0, left = j > 0;
                #pragma omp task depend(in : cells[i - up][j], cells[i][j - left]) depend(out : cells[i][j]) \
                    shared(cells)
                {
                    const int above = up ? cells[i - 1][j] : 1, before = left ? cells[i][j - 1] : 1;
                    work();
                    cells[i][j] = (above + before) % 1000;
                }
            }
        #pragma omp taskwait
        for (int i = 0; i < N; i++) {
            #pragma omp task depend(out : rows[i][0 : N]) shared(cells)
            for (int j = 0; j < N; j++)
                cells[i][j] = i;
        }
        for (int i = 0; i < N; i++) {
            #pragma omp task depend(iterator(k = 0 : i + 1), in : rows[k][0 : N]) depend(out : sums[i]) shared(cells, sums)
            for (int k = 0; k <= i; k++)
                sums[i] += cells[k][N - 1];
        }
        #pragma omp task depend(iterator(unsigned char k = 0 : N : 2, int l = 0 : 2), in : sums[k + l]) shared(sums)
        for (int i = 0; i < N; i++)
            CHECK(sums[i] == i * (i + 1) / 2);
    }
    CHECK(cells[0][0] == 0 && cells[N - 1][0] == N - 1);
}

/* Pascal's triangle along the anti-diagonals, each cell a task. */
static void test_wavefront(void)
{
    enum { N = 25 };
    static unsigned cells[N][N];
    #pragma omp parallel num_threads(3)
    #pragma omp single
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            if (i == 0 || j == 0) {
                #pragma omp task depend(out : cells[i][j])
                cells[i][j] = 1;
            } else {
                #pragma omp task depend(in : cells[i - 1][j], cells[i][j - 1]) depend(out : cells[i][j])
                cells[i][j] = cells[i - 1][j] + cells[i][j - 1];
            }
        }
    CHECK(cells[2][2] == 6 && cells[10][10] == 184756 && cells[12][12] == 2704156);
}

/* All of memory, whatever other tasks have named. */
static void test_all_memory(void)
{
    int a[8] = {0}, all = 0;
    #pragma omp parallel num_threads(4)
    #pragma omp single
    for (int i = 0; i < ROUNDS; i++) {
        for (int j = 0; j < 8; j++) {
            #pragma omp task depend(out : a[j]) shared(a, all)
            {
                CHECK(all == i);
                work();
                a[j]++;
            }
        }
        #pragma omp task depend(inout : omp_all_memory) shared(a, all)
        {
            CHECK(all_equal(a, 8, i + 1));
            work();
            all++;
        }
    }
    CHECK(all == ROUNDS);
}

/* Tasks that are executed at once wait for those before them. */
static void test_undeferred(void)
{
    int value = 0, next = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    for (int i = 0; i < ROUNDS; i++) {
        #pragma omp task depend(out : value) shared(value)
        {
            work();
            value++;
        }
        #pragma omp task depend(in : value) if(0) shared(value, next)
        {
            CHECK(value == 2 * i + 1);
            next++;
        }
        CHECK(next == 2 * i + 1);
        #pragma omp task depend(inout : value) final(1) shared(value, next)
        {
            CHECK(value == 2 * i + 1);
            value++;
            next++;
        }
        #pragma omp taskwait
        CHECK(next == 2 * i + 2);
        #pragma omp task depend(in : value) shared(value)
        CHECK(value == 2 * i + 2);
    }
    CHECK(value == 2 * ROUNDS);
}

/* taskwait with depend waits for some of the children; with nowait it is a task that others can wait for. */
static void test_taskwait(void)
{
    int a = 0, b = 0, done = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        for (int i = 0; i < ROUNDS; i++) {
            #pragma omp task depend(out : a) shared(a)
            {
                work();
                a++;
            }
            #pragma omp task depend(in : a) depend(out : b) shared(b)
            {
                work();
                b++;
            }
            #pragma omp taskwait depend(in : a)
            CHECK(a == i + 1);
            #pragma omp taskwait depend(inout : b)
            CHECK(b == i + 1);
        }
        #pragma omp task depend(out : done) shared(done)
        work();
        #pragma omp taskwait depend(inout : done) nowait
        #pragma omp task depend(out : done) shared(done)
        {
            work();
            done = 1;
        }
        #pragma omp taskwait depend(in : done)
        CHECK(done == 1);
    }
}

/* Children of different tasks do not depend on each other, whatever they name; a taskgroup does not matter. */
static void test_families(void)
{
    int value = 0, sums[8] = {0};
    #pragma omp parallel num_threads(4)
    #pragma omp single
    {
        for (int family = 0; family < 8; family++) {
            #pragma omp task depend(out : sums[family]) shared(sums)
            {
                int *sum = &sums[family];
                for (int i = 0; i < 10; i++) {
                    #pragma omp task depend(inout : sum[0])
                    {
                        CHECK(*sum == i);
                        *sum = i + 1;
                    }
                }
                #pragma omp taskwait
            }
        }
        #pragma omp task depend(iterator(k = 0 : 8), in : sums[k]) depend(out : value) shared(sums, value)
        {
            CHECK(all_equal(sums, 8, 10));
            value = 1;
        }
        #pragma omp taskgroup
        {
            #pragma omp task depend(inout : value) shared(value)
            {
                CHECK(value == 1);
                work();
                value = 2;
            }
        }
        CHECK(value == 2);
        #pragma omp task depend(in : value) shared(value)
        CHECK(value == 2);
    }
}

/* Very many locations, in a row and far from each other. */
static void test_many(void)
{
    enum { LOCATIONS = 20000 };
    int *values = calloc(LOCATIONS, sizeof *values), sum = 0;
    #pragma omp parallel num_threads(2)
    #pragma omp single
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < LOCATIONS; i++) {
            const int at = (int)(i * 7919LL % LOCATIONS);
            #pragma omp task depend(inout : values[at])
            values[at] = 10 * values[at] + round + 1;
        }
    for (int i = 0; i < LOCATIONS; i++)
        sum += values[i] == 12;
    CHECK(sum == LOCATIONS);
    free(values);
}

int main(void)
{
    test_in_out();
    test_mutexinoutset();
    test_inoutset();
    test_lists();
    test_wavefront();
    test_all_memory();
    test_undeferred();
    test_taskwait();
    test_families();
    test_many();
    return check_result("task_depend");
}
