/* environment: OMP_MAX_TASK_PRIORITY=10 */
/*
 * priority: a hint, which loses no task. Where one thread executes all that
 * are there, it should begin with those of the highest priority.
 */
#include "check.h"
#include <omp.h>

enum { N = 3000 };

static void test_all(void)
{
    int done[4] = {0};
    #pragma omp parallel num_threads(4)
    {
        #pragma omp single nowait
        for (int i = 0; i < N; i++) {
            #pragma omp task priority(i % 20) shared(done)
            tick(&done[0]);
        }
        #pragma omp barrier
        CHECK(done[0] == N);
        for (int i = 0; i < 100; i++) {
            #pragma omp task priority(i) shared(done)
            {
                #pragma omp task priority(20 - i / 10) shared(done)
                tick(&done[1]);
            }
        }
        #pragma omp barrier
        CHECK(done[1] % 100 == 0 && done[1] >= 100);
        #pragma omp single
        {
            int value = 0;
            for (int i = 0; i < 200; i++) {
                #pragma omp task priority(i % 7) depend(inout : value) shared(value)
                {
                    CHECK(value == i);
                    value++;
                }
            }
            #pragma omp taskwait
            CHECK(value == 200);
            #pragma omp taskloop priority(5) grainsize(1)
            for (int i = 0; i < N; i++)
                tick(&done[2]);
            CHECK(done[2] == N);
            #pragma omp taskgroup
            for (int i = 0; i < 100; i++) {
                #pragma omp task priority(2) untied shared(done)
                tick(&done[3]);
            }
            CHECK(done[3] == 100);
        }
    }
}

int main(void)
{
    CHECK(omp_get_max_task_priority() == 10);
    for (int round = 0; round < 5; round++)
        test_all();
    return check_result("task_priority");
}
