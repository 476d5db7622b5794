/*
 * target_copy_outside: in the second of two parallel regions, copies from beyond the end of the memory.
 * The region is in line 24.
 */
#include <omp.h>
#include <stdio.h>

int main(void)
{
    int sum = 0, device = omp_get_default_device();
    char byte = 0;
    #pragma omp parallel num_threads(2)
    {
        #pragma omp single
        sum += 1;
        #pragma omp barrier
        #pragma omp for schedule(dynamic) reduction(+ : sum)
        for (int i = 0; i < 10; i++)
            sum += i;
    }
    printf("before %d\n", sum);
    fflush(stdout);
    void *outside = (void *)0xfffffff0;
    #pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 1)
        omp_target_memcpy(&byte, outside, 100, 0, 0, omp_get_initial_device(), device);
    printf("not reached\n");
    return 0;
}
