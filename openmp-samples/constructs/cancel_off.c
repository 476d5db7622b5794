/*
 * cancel without OMP_CANCELLATION: it does nothing.
 */
#include "check.h"
#include <omp.h>

enum { N = 100 };

int main(void)
{
    int loop = 0, parts = 0, behind = 0, tasks = 0, team = 0;
    CHECK(!omp_get_cancellation());
    #pragma omp parallel num_threads(3)
    {
        tick(&team);
        #pragma omp for
        for (int i = 0; i < N; i++) {
            #pragma omp cancel for
            #pragma omp cancellation point for
            tick(&loop);
        }
        #pragma omp sections
        {
            #pragma omp section
            {
                #pragma omp cancel sections
                tick(&parts);
            }
            #pragma omp section
            {
                #pragma omp cancellation point sections
                tick(&parts);
            }
        }
        #pragma omp single
        #pragma omp taskgroup
        for (int i = 0; i < N; i++) {
            #pragma omp task
            {
                #pragma omp cancel taskgroup
                tick(&tasks);
            }
        }
        #pragma omp cancel parallel
        #pragma omp cancellation point parallel
        #pragma omp barrier
        tick(&behind);
    }
    CHECK(loop == N && parts == 2 && tasks == N && behind == team);
    return check_result("cancel_off");
}
