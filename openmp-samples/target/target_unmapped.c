/*
 * target_unmapped: regions that are given pointers to memory of the host, where nothing is
 * mapped, see that memory.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <stdlib.h>

enum { N = 3000 };

int main(void)
{
    int *shared = malloc(N * sizeof *shared);
    int *host = omp_target_alloc(N * sizeof *host, omp_get_initial_device());
    for (int i = 0; i < N; i++)
        shared[i] = host[i] = i;
    #pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++)
        shared[i] += 1;
    #pragma omp target teams distribute parallel for is_device_ptr(host)
    for (int i = 0; i < N; i++)
        host[i] += 2;
    for (int i = 0; i < N; i++)
        CHECK(shared[i] == i + 1 && host[i] == i + 2);
    free(shared);
    omp_target_free(host, omp_get_initial_device());
    return check_result("target_unmapped");
}
