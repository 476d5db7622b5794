/* target_initial: regions for the initial device run there, whatever OMP_TARGET_OFFLOAD says. */
#include <omp.h>
#include <stdio.h>

int main(void)
{
    int a[10] = {0}, sum = 0;
    #pragma omp target data map(tofrom : a) device(omp_get_initial_device())
    {
        #pragma omp target teams distribute parallel for device(omp_get_initial_device())
        for (int i = 0; i < 10; i++)
            a[i] = omp_is_initial_device() ? i : -1;
        #pragma omp target update from(a) device(omp_get_initial_device())
    }
    for (int i = 0; i < 10; i++)
        sum += a[i];
    printf("target_initial: %s\n", sum == 45 ? "ok" : "failed");
    return sum != 45;
}
