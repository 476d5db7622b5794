/* environment: OMP_CANCELLATION=true */
/*
 * cancel where other threads do not look for it: they come to the end of the
 * region, or go on with what counts on all threads. Nothing hangs, and the
 * next region is as usual.
 */
#include "check.h"
#include <omp.h>

/* LLVM 19's libomp hangs in what is left out there: README.md. */
#if defined(__wasm__)
enum { IS_ROBUST = 1 };
#else
enum { IS_ROBUST = 0 };
#endif

enum { N = 100, ROUNDS = 20, LOOPS = 20 };

static int is_chosen(int round)
{
    return omp_get_thread_num() == round % omp_get_num_threads();
}

/* A region without any barrier of its own. */
static void test_end(int round)
{
    int before = 0, behind = 0, sum = 0, tasks = 0, team = 0;
    #pragma omp parallel num_threads(4)
    {
        tick(&before);
        #pragma omp cancel parallel if(is_chosen(round))
        tick(&behind);
    }
    CHECK(before >= 1 && behind < before);
    #pragma omp parallel num_threads(4) reduction(+ : sum)
    {
        sum++;
        #pragma omp cancel parallel if(is_chosen(round))
        #pragma omp cancellation point parallel
        sum++;
    }
    #pragma omp parallel num_threads(4)
    {
        #pragma omp task shared(tasks)
        tick(&tasks);
        #pragma omp cancel parallel if(is_chosen(round))
        #pragma omp task shared(tasks)
        tick(&tasks);
    }
    CHECK(tasks <= 2 * before);
    #pragma omp parallel num_threads(4)
    {
        tick(&team);
        #pragma omp task shared(tasks)
        tick(&tasks);
        #pragma omp barrier
        CHECK(team == before);
    }
}

/* Task reductions of constructs that are cancelled, and the next ones. */
static void test_task_reduction(int round)
{
    int some = 0, all = 0, also = 0;
    #pragma omp parallel num_threads(4)
    {
        #pragma omp for reduction(task, + : some)
        for (int i = 0; i < N; i++) {
            #pragma omp task in_reduction(+ : some)
            some++;
            #pragma omp cancel for if(i % 7 == round % 7)
        }
        #pragma omp for reduction(task, + : all, also)
        for (int i = 0; i < N; i++) {
            #pragma omp task in_reduction(+ : all, also)
            all++, also += 2;
        }
        CHECK(all == N && also == 2 * N);
        #pragma omp sections reduction(task, + : some)
        {
            #pragma omp section
            {
                #pragma omp task in_reduction(+ : some)
                some++;
                #pragma omp cancel sections
            }
            #pragma omp section
            some++;
        }
    }
    #pragma omp parallel num_threads(4) reduction(task, + : some)
    {
        #pragma omp task in_reduction(+ : some)
        some++;
        #pragma omp cancel parallel if(is_chosen(round))
        for (int loop = 0; loop < 3; loop++) {
            #pragma omp for reduction(task, + : also)
            for (int i = 0; i < N; i++)
                also++;
        }
    }
    int team = 0, tasks = 0;
    all = also = 0;
    #pragma omp parallel num_threads(4) reduction(task, + : team, tasks)
    {
        team++;
        #pragma omp task in_reduction(+ : tasks)
        tasks++;
        #pragma omp for reduction(task, + : all, also)
        for (int i = 0; i < N; i++) {
            #pragma omp task in_reduction(+ : all, also)
            all++, also += 2;
        }
    }
    CHECK(team >= 1 && tasks == team && all == N && also == 2 * N);
}

/* More loops than a team has work shares. */
static void test_dynamic(int round)
{
    int count = 0, all = 0;
    #pragma omp parallel num_threads(4)
    {
        #pragma omp cancel parallel if(is_chosen(round))
        for (int loop = 0; loop < LOOPS; loop++) {
            #pragma omp for schedule(dynamic) nowait
            for (int i = 0; i < N; i++)
                tick(&count);
        }
    }
    CHECK(count <= LOOPS * N);
    #pragma omp parallel num_threads(4)
    for (int loop = 0; loop < LOOPS; loop++) {
        #pragma omp for schedule(dynamic) nowait
        for (int i = 0; i < N; i++)
            tick(&all);
    }
    CHECK(all == LOOPS * N);
}

static void test_ordered(int round)
{
    int count = 0, next = 0;
    #pragma omp parallel num_threads(4)
    {
        #pragma omp cancel parallel if(is_chosen(round))
        #pragma omp for schedule(static, 1) ordered
        for (int i = 0; i < N; i++) {
            #pragma omp ordered
            count++;
        }
    }
    CHECK(count <= N);
    #pragma omp parallel for num_threads(4) schedule(static, 1) ordered
    for (int i = 0; i < N; i++) {
        #pragma omp ordered
        CHECK(next++ == i);
    }
    CHECK(next == N);
}

static void test_doacross(int round)
{
    int line[N + 1] = {0};
    #pragma omp parallel num_threads(4)
    {
        #pragma omp cancel parallel if(is_chosen(round))
        for (int loop = 0; loop < LOOPS; loop++) {
            #pragma omp for schedule(static, 1) ordered(1) nowait
            for (int i = 0; i < N; i++) {
                #pragma omp ordered depend(sink : i - 1)
                #pragma omp ordered depend(source)
            }
        }
    }
    #pragma omp parallel num_threads(4)
    for (int loop = 1; loop <= LOOPS; loop++) {
        #pragma omp for schedule(static, 1) ordered(1)
        for (int i = 0; i < N; i++) {
            #pragma omp ordered depend(sink : i - 1)
            line[i + 1] = line[i] + 1;
            #pragma omp ordered depend(source)
        }
    }
    CHECK(line[N] == N);
}

int main(void)
{
    CHECK(omp_get_cancellation());
    for (int round = 0; round < ROUNDS && IS_ROBUST; round++) {
        test_end(round);
        test_task_reduction(round);
        test_dynamic(round);
        test_ordered(round);
        test_doacross(round);
    }
    return check_result("cancel_end");
}
