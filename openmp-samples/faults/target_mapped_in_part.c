/*
 * target_mapped_in_part: maps an array of which a part is mapped, after a parallel region.
 * The construct that is wrong is in line 20.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int n = 100, sum = 0;
    int *a = calloc(n, sizeof *a);
    if (a == NULL)
        return 2;
    #pragma omp parallel for reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += a[i];
    printf("before %d\n", sum);
    fflush(stdout);
    #pragma omp target enter data map(to : a[0 : n / 2])
    #pragma omp target enter data map(to : a[0 : n])
    printf("not reached\n");
    return 0;
}
