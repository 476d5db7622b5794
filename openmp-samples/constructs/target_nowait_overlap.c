/*
 * target_nowait_overlap: the thread that generates a target task goes on while
 * the task is executed, outside of parallel regions, too; and the program ends
 * when the task has. Each of these tasks waits until the thread has come to
 * something behind it.
 */
#include "check.h"
#include <omp.h>

static void wait_for(int *flag)
{
    int seen;
    do {
        #pragma omp atomic read acquire
        seen = *flag;
    } while (!seen);
}

static void set(int *flag)
{
    #pragma omp atomic write release
    *flag = 1;
}

static void outside(void)
{
    int flag = 0, done = 0;
    #pragma omp target nowait map(tofrom : flag, done)
    {
        wait_for(&flag);
        done = 1;
    }
    set(&flag);
    #pragma omp taskwait
    CHECK(done == 1);
}

static void of_a_serial_region(void)
{
    int flag = 0, done = 0;
    #pragma omp parallel num_threads(1) shared(flag, done)
    {
        #pragma omp target nowait map(tofrom : flag, done)
        {
            wait_for(&flag);
            done = 1;
        }
        set(&flag);
    }
    CHECK(done == 1);
}

static void in_a_task(void)
{
    int flag = 0, done = 0;
    #pragma omp taskgroup
    {
        #pragma omp task shared(flag, done)
        {
            #pragma omp target nowait map(tofrom : flag, done)
            {
                wait_for(&flag);
                done = 1;
            }
        }
        set(&flag);
    }
    CHECK(done == 1);
}

/* What depends on the task waits, and nothing else does; the task that comes behind needs no thread of the team. */
static void with_dependences(void)
{
    int flag = 0, second = 0, x = 0, order = 0, before = 0;
    #pragma omp task depend(out : x) shared(x)
    x = 1;
    #pragma omp target nowait depend(inout : x) map(tofrom : flag, x)
    {
        wait_for(&flag);
        x = 10 * x + 2;
    }
    #pragma omp task depend(inout : order) shared(order)
    order++;
    #pragma omp taskwait depend(in : order)
    before = order;
    #pragma omp target nowait depend(inout : x) map(tofrom : x, second)
    {
        x = 10 * x + 3;
        set(&second);
    }
    set(&flag);
    wait_for(&second);
    #pragma omp task depend(inout : x) shared(x)
    x = 10 * x + 4;
    #pragma omp taskwait
    CHECK(before == 1 && x == 1234);
}

static int last_flag;

int main(void)
{
    outside();
    of_a_serial_region();
    in_a_task();
    with_dependences();
    int failed = check_result("target_nowait_overlap");
    fflush(stdout);
    #pragma omp target nowait map(tofrom : last_flag)
    {
        wait_for(&last_flag);
        printf("the last task\n");
        fflush(stdout);
    }
    set(&last_flag);
    return failed;
}
