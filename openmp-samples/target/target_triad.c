/* target_triad: a loop that can run on a device, so it must where OMP_TARGET_OFFLOAD says so. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    enum { N = 100000 };
    double *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b), scale = 3;
    for (int i = 0; i < N; i++)
        a[i] = b[i] = i;
    #pragma omp target teams distribute parallel for map(tofrom : a[0 : N]) map(to : b[0 : N])
    for (int i = 0; i < N; i++)
        a[i] += scale * b[i];
    for (int i = 0; i < N; i++)
        if (a[i] != 4.0 * i)
            return 1;
    puts("target_triad: ok");
    return 0;
}
