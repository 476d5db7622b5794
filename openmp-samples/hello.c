/*
 * hello: one parallel region, in which every thread of the team reports.
 *
 * An ordered loop with one iteration per thread puts the lines in the order
 * of the thread numbers, so the output depends on OMP_NUM_THREADS alone.
 */
#include <omp.h>
#include <stdio.h>

int main(void)
{
    #pragma omp parallel
    {
        const int num_threads = omp_get_num_threads();

        #pragma omp for ordered schedule(static, 1)
        for (int i = 0; i < num_threads; i++) {
            #pragma omp ordered
            printf("hello from thread %d of %d\n", omp_get_thread_num(), num_threads);
        }
    }
    return 0;
}
