/*
 * task_affinity: the affinity clause is a hint: a task that has it is executed
 * once, as any other, whatever the clause names.
 */
#include "check.h"
#include <omp.h>

enum { TASKS = 40 };

static void test_affinity(int undeferred)
{
    int values[TASKS], executed[TASKS] = {0}, evaluated = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        for (int i = 0; i < TASKS; i++) {
            #pragma omp task affinity(values[i]) firstprivate(i) shared(values) depend(out : values[i])
            values[i] = 2 * i;
        }
        for (int i = 0; i < TASKS; i++) {
            int *whole = values;
            #pragma omp task affinity(iterator(k = 0 : TASKS) : whole[k]) affinity(whole[0 : TASKS], *whole) \
                firstprivate(i) shared(values, executed, evaluated) depend(in : values[i]) if(!undeferred)
            {
                CHECK(values[i] == 2 * i);
                tick(&executed[i]);
                tick(&evaluated);
            }
        }
        #pragma omp taskwait
        CHECK(evaluated == TASKS);
    }
    CHECK(all_equal(executed, TASKS, 1));
}

int main(void)
{
    test_affinity(0);
    test_affinity(1);
    return check_result("task_affinity");
}
