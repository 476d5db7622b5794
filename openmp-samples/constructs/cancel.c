/* environment: OMP_CANCELLATION=true */
/*
 * cancel and cancellation point: who meets one leaves the construct, nothing
 * hangs, and the next construct is as usual.
 */
#include "check.h"
#include <omp.h>

/* LLVM 19's libomp hangs in what is left out there: README.md. */
#if defined(__wasm__)
enum { IS_ROBUST = 1 };
#else
enum { IS_ROBUST = 0 };
#endif

enum { N = 1000, ROUNDS = 30 };

/* Searches: what is found is right, and behind the loop all threads go on. */
static void test_for(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        int found = -1, executed = 0, behind = 0, team = 0;
        #pragma omp parallel num_threads(4)
        {
            tick(&team);
            #pragma omp for
            for (int i = 0; i < N; i++) {
                #pragma omp cancellation point for
                tick(&executed);
                if (i * 7 % N == round) {
                    #pragma omp atomic write
                    found = i;
                    #pragma omp cancel for
                    CHECK(!"behind cancel");
                }
            }
            CHECK(found * 7 % N == round && executed >= 1 && executed <= N);
            #pragma omp for
            for (int i = 0; i < N; i++) {
                #pragma omp cancellation point for
                tick(&behind);
                #pragma omp cancel for if(i < 0)
            }
            CHECK(behind == N);
        }
        CHECK(behind == N && team >= 1);
    }
}

/* More of them in one region than a team has work shares. */
static void test_dynamic(void)
{
    #pragma omp parallel num_threads(4)
    for (int round = 0; round < ROUNDS; round++) {
        static int count;
        #pragma omp single
        count = 0;
        #pragma omp for schedule(dynamic)
        for (int i = 0; i < N; i++) {
            #pragma omp cancel for if(i == round)
            #pragma omp cancellation point for
        }
        #pragma omp for schedule(guided)
        for (int i = 0; i < N; i++) {
            #pragma omp cancellation point for
            #pragma omp cancel for if(i >= round)
        }
        #pragma omp for schedule(dynamic, 3)
        for (int i = 0; i < N; i++)
            tick(&count);
        CHECK(count == N);
        #pragma omp barrier
    }
}

/* What the list items are is not defined then; but those of the next construct are. */
static void test_reduction(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        int some = 0, all = 0;
        #pragma omp parallel num_threads(8)
        {
            #pragma omp for reduction(+ : some)
            for (int i = 0; i < N; i++) {
                some++;
                #pragma omp cancel for if(i % 100 == round)
            }
            #pragma omp for reduction(+ : all)
            for (int i = 0; i < N; i++)
                all++;
            CHECK(all == N);
        }
        #pragma omp parallel for num_threads(8) reduction(+ : some)
        for (int i = 0; i < N; i++) {
            some++;
            #pragma omp cancel for if(i == 10 * round)
        }
        #pragma omp parallel for num_threads(8) reduction(+ : all)
        for (int i = 0; i < N; i++)
            all++;
        CHECK(all == 2 * N);
    }
}

static void test_sections(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        int first = 0, behind = 0;
        #pragma omp parallel num_threads(3)
        {
            #pragma omp sections
            {
                #pragma omp section
                {
                    tick(&first);
                    #pragma omp cancel sections
                    CHECK(!"behind cancel");
                }
                #pragma omp section
                {
                    #pragma omp cancellation point sections
                    tick(&first);
                }
                #pragma omp section
                tick(&first);
            }
            CHECK(first >= 1 && first <= 3);
            #pragma omp sections
            {
                #pragma omp section
                tick(&behind);
                #pragma omp section
                tick(&behind);
            }
            CHECK(behind == 2);
        }
        #pragma omp parallel sections num_threads(2)
        {
            #pragma omp section
            {
                #pragma omp cancel sections
            }
            #pragma omp section
            tick(&first);
        }
    }
}

/* Those that wait in a barrier leave the region, too. */
static void test_parallel(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        int before = 0, behind = 0, team = 0, barriers = IS_ROBUST ? round % 5 : 0;
        #pragma omp parallel num_threads(4)
        {
            tick(&team);
            for (int i = 0; i < barriers; i++) {
                #pragma omp barrier
                tick(&before);
                #pragma omp barrier
                CHECK(before == (i + 1) * team);
            }
            #pragma omp cancel parallel if(omp_get_thread_num() == round % omp_get_num_threads())
            #pragma omp cancellation point parallel
            #pragma omp barrier
            tick(&behind);
        }
        CHECK(behind == 0 && before == barriers * team);
        #pragma omp parallel num_threads(4)
        {
            #pragma omp barrier
            tick(&behind);
        }
        CHECK(behind == team);
    }
}

/* One leaves, while others are in constructs that end in barriers of other kinds. */
static void test_left(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        int last = -1, sum = 0, behind = 0, executed = 0;
        #pragma omp parallel num_threads(8)
        {
            int given = 0;
            #pragma omp task shared(executed)
            tick(&executed);
            #pragma omp cancel parallel if(omp_get_thread_num() == round % omp_get_num_threads())
            for (int i = 0; i < 3; i++) {
                #pragma omp single copyprivate(given)
                given = 5;
            }
            #pragma omp for firstprivate(last) lastprivate(last)
            for (int i = 0; i < N; i++)
                last = i;
            #pragma omp for reduction(+ : sum)
            for (int i = 0; i < N; i++)
                sum += i;
            #pragma omp barrier
            tick(&behind);
        }
        CHECK(behind == 0);
    }
}

/* A task that has begun goes on to its next cancellation point; others may not begin. */
static void test_taskgroup(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        int executed = 0, outside = 0, next = 0, after = 0;
        #pragma omp parallel num_threads(4)
        #pragma omp single
        {
            for (int i = 0; i < 10; i++) {
                #pragma omp task shared(outside)
                tick(&outside);
            }
            #pragma omp taskgroup
            {
                for (int i = 0; i < 100; i++) {
                    #pragma omp task shared(executed, after)
                    {
                        #pragma omp cancellation point taskgroup
                        const int before = tick(&executed);
                        #pragma omp task shared(executed)
                        tick(&executed);
                        #pragma omp cancel taskgroup if(before >= round)
                        #pragma omp cancellation point taskgroup
                        tick(&after);
                    }
                }
            }
            CHECK(executed <= 200 && after <= executed);
            #pragma omp taskgroup
            for (int i = 0; i < 100; i++) {
                #pragma omp task shared(next)
                {
                    #pragma omp cancellation point taskgroup
                    tick(&next);
                }
            }
            CHECK(next == 100);
            #pragma omp taskwait
            CHECK(outside == 10);
        }
    }
}

/* Tasks of a region that is cancelled, with dependences and events. */
static void test_tasks_in_parallel(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        int value = 0, is_cancelled = 0, behind = 0;
        #pragma omp parallel num_threads(4)
        {
            #pragma omp single nowait
            for (int i = 0; i < 50; i++) {
                #pragma omp task depend(inout : value) shared(value)
                value++;
                omp_event_handle_t event;
                #pragma omp task detach(event) depend(in : value)
                omp_fulfill_event(event);
            }
            if (omp_get_thread_num() == round % omp_get_num_threads()) {
                tick(&is_cancelled);
                #pragma omp cancel parallel
            }
            #pragma omp barrier
            tick(&behind);
        }
        CHECK(is_cancelled == 1 && behind == 0 && value <= 50);
    }
}

static void test_taskloop(void)
{
    int iterations = 0;
    #pragma omp parallel num_threads(4)
    #pragma omp single
    #pragma omp taskloop num_tasks(100)
    for (int i = 0; i < N; i++) {
        #pragma omp cancellation point taskgroup
        if (tick(&iterations) == 10) {
            #pragma omp cancel taskgroup
        }
    }
    CHECK(iterations >= 11 && iterations <= N);
}

int main(void)
{
    CHECK(omp_get_cancellation());
    test_for();
    if (IS_ROBUST) {
        test_dynamic();
        test_reduction();
        test_left();
        test_tasks_in_parallel();
        test_taskloop();
    }
    test_sections();
    test_parallel();
    test_taskgroup();
    return check_result("cancel");
}
