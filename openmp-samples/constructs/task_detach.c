/*
 * detach: a task with an event is complete when its code has been executed
 * and omp_fulfill_event has been called, by whichever thread.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

enum { N = 40 };

static omp_event_handle_t events[N];
static int given[N];

static void give(int i, omp_event_handle_t event)
{
    events[i] = event;
    __atomic_store_n(&given[i], 1, __ATOMIC_RELEASE);
}

static omp_event_handle_t take(int i)
{
    while (!__atomic_load_n(&given[i], __ATOMIC_ACQUIRE)) {
        #pragma omp flush
    }
    __atomic_store_n(&given[i], 0, __ATOMIC_RELAXED);
    return events[i];
}

/* By the task itself, before it ends. */
static void test_self(void)
{
    int done = 0, after = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        for (int i = 0; i < N; i++) {
            omp_event_handle_t event;
            #pragma omp task detach(event) shared(done) depend(out : given[i])
            {
                omp_fulfill_event(event);
                tick(&done);
            }
            #pragma omp task depend(in : given[i]) shared(done, after)
            {
                CHECK(done > 0);
                tick(&after);
            }
        }
        #pragma omp taskwait
        CHECK(done == N && after == N);
    }
}

/* By the parent, with tasks that depend on it, and with a taskwait behind. */
static void test_parent(void)
{
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        int first = 0, next = 0, fulfilled = 0;
        omp_event_handle_t event;
        #pragma omp task detach(event) depend(out : first) shared(first)
        first = 1;
        for (int i = 0; i < N; i++) {
            #pragma omp task depend(in : first) shared(first, next, fulfilled)
            {
                CHECK(first == 1 && fulfilled == 1);
                tick(&next);
            }
        }
        CHECK(next == 0);
        fulfilled = 1;
        omp_fulfill_event(event);
        #pragma omp taskwait
        CHECK(next == N);
    }
}

/* By other tasks; what waits for all of them is the end of the region, a taskgroup, a taskwait. */
static void test_tasks(void)
{
    int done = 0, next = 0;
    #pragma omp parallel num_threads(4)
    {
        #pragma omp single
        {
            for (int i = 0; i < N; i++) {
                omp_event_handle_t event;
                #pragma omp task detach(event) shared(done)
                tick(&done);
                #pragma omp task firstprivate(event) shared(next)
                {
                    tick(&next);
                    omp_fulfill_event(event);
                }
            }
        }
        CHECK(done == N && next == N);
    }
    #pragma omp parallel num_threads(4)
    #pragma omp single
    {
        done = next = 0;
        #pragma omp taskgroup
        for (int i = 0; i < N; i++) {
            omp_event_handle_t event;
            #pragma omp task detach(event) shared(done, next)
            {
                #pragma omp task shared(next)
                tick(&next);
                tick(&done);
            }
            #pragma omp task firstprivate(event)
            {
                #pragma omp task firstprivate(event)
                omp_fulfill_event(event);
            }
        }
        CHECK(done == N && next == N);
    }
}

/* By another thread of the team, while this one waits. */
static void test_threads(void)
{
    for (int round = 0; round < 10; round++) {
        int is_fulfilled = 0, children = 0;
        #pragma omp parallel num_threads(2)
        {
            if (omp_get_num_threads() == 2) {
                if (omp_get_thread_num() == 0) {
                    for (int i = 0; i < N; i++) {
                        omp_event_handle_t event;
                        #pragma omp task detach(event) shared(children)
                        {
                            #pragma omp task shared(children)
                            tick(&children);
                            give(i, event);
                        }
                    }
                    #pragma omp taskwait
                    CHECK(is_fulfilled == N);
                } else {
                    for (int i = N - 1; i >= 0; i--) {
                        const omp_event_handle_t event = take(i);
                        tick(&is_fulfilled);
                        omp_fulfill_event(event);
                    }
                }
                #pragma omp barrier
                CHECK(children == N);
            }
        }
    }
}

/* By a thread of a team inside, and by one of the team outside. */
static void test_teams(void)
{
    const int levels = omp_get_max_active_levels();
    omp_set_max_active_levels(2);
    #pragma omp parallel num_threads(2)
    #pragma omp single
    for (int round = 0; round < 5; round++) {
        int outer = 0, inner = 0;
        omp_event_handle_t event;
        #pragma omp task detach(event) depend(out : outer) shared(outer)
        outer++;
        #pragma omp task depend(in : outer) shared(outer)
        outer++;
        #pragma omp parallel num_threads(3) shared(inner) firstprivate(event)
        {
            #pragma omp single
            {
                omp_event_handle_t mine;
                #pragma omp task detach(mine) shared(inner)
                tick(&inner);
                #pragma omp task firstprivate(mine, event)
                {
                    omp_fulfill_event(event);
                    omp_fulfill_event(mine);
                }
            }
        }
        CHECK(inner == 1);
        #pragma omp taskwait
        CHECK(outer == 2);
    }
    omp_set_max_active_levels(levels);
}

/* Undeferred, included and final tasks have events, too: the region ends when these are fulfilled. */
static void test_undeferred(void)
{
    int at_once = 0, next = 0;
    #pragma omp parallel num_threads(3)
    {
        #pragma omp single nowait
        {
            omp_event_handle_t event, of_final;
            #pragma omp task detach(event) if(0) shared(at_once)
            at_once = 1;
            CHECK(at_once == 1);
            #pragma omp task detach(of_final) final(1) shared(next)
            tick(&next);
            #pragma omp task firstprivate(event, of_final) shared(next)
            {
                tick(&next);
                omp_fulfill_event(event);
                omp_fulfill_event(of_final);
            }
        }
        #pragma omp barrier
        CHECK(at_once == 1 && next == 2);
    }
}

/* Outside of all parallel regions. */
static void test_serial(void)
{
    int first = 0, next = 0;
    omp_event_handle_t event = (omp_event_handle_t)0; /* clang warns */
    #pragma omp task detach(event) depend(out : first) shared(first)
    first = 1;
    #pragma omp task depend(in : first) shared(next)
    next = 1;
    CHECK(first == 1 && next == 0);
    omp_fulfill_event(event);
    #pragma omp taskwait
    CHECK(next == 1);
}

int main(void)
{
    CHECK(sizeof(omp_event_handle_t) >= sizeof(void *));
    test_self();
    test_parent();
    test_tasks();
    test_threads();
    test_teams();
    test_undeferred();
    test_serial();
    return check_result("task_detach");
}
