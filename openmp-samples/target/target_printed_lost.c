/* target_printed_lost: a region prints more than there is room for on a device, and another one a line. */
#include <stdio.h>

int main(void)
{
    int end = 7;
    #pragma omp target teams distribute parallel for
    for (int i = 0; i < 100000; i++)
        putchar('\n');
    #pragma omp target
    printf("end %d\n", end);
    return 0;
}
