/*
 * target_exit: one thread exits while others are about to launch their first target regions.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(4)
    {
        int a[100] = {0};
        if (omp_get_thread_num() == 2)
            exit(4);
        for (int i = 0; i < 1000; i++) {
            #pragma omp target teams distribute parallel for map(tofrom : a)
            for (int j = 0; j < 100; j++)
                a[j] += j;
        }
    }
    printf("not reached\n");
    return 0;
}
