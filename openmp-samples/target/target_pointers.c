/*
 * target_pointers: memory of the host that is associated with memory of a
 * device, and what the routines say of pointers.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <stdlib.h>

#pragma omp requires unified_address
#pragma omp requires dynamic_allocators

enum { N = 100 };

static void test_associate(int device)
{
    int host[N];
    int *memory = omp_target_alloc(N * sizeof(int), device);
    CHECK(memory != NULL);
    for (int i = 0; i < N; i++)
        host[i] = i;
    if (omp_target_associate_ptr(host, memory, sizeof host, 0, device) != 0) {
        omp_target_free(memory, device);
        return;
    }
    CHECK(omp_target_is_present(host, device));
    #pragma omp target update to(host) device(device)
    #pragma omp target teams distribute parallel for map(tofrom : host) device(device)
    for (int i = 0; i < N; i++)
        host[i] *= 2;
    #pragma omp target update from(host) device(device)
    for (int i = 0; i < N; i++)
        CHECK(host[i] == 2 * i);
    CHECK(omp_target_disassociate_ptr(host, device) == 0);
    CHECK(omp_target_disassociate_ptr(host, device) != 0);
    omp_target_free(memory, device);
}

static void test_queries(int device)
{
    int number = 7;
    CHECK(omp_target_is_accessible(&number, sizeof number, omp_get_initial_device()));
    CHECK(omp_get_mapped_ptr(&number, omp_get_initial_device()) == &number);
    CHECK(omp_target_is_present(&number, omp_get_initial_device()));
    if (device != omp_get_initial_device()) {
        CHECK(!omp_target_is_present(&number, device) && omp_get_mapped_ptr(&number, device) == NULL);
        #pragma omp target data map(to : number) device(device)
        CHECK(omp_target_is_present(&number, device) && omp_get_mapped_ptr(&number, device) != NULL);
    }
}

int main(void)
{
    const int device = omp_get_num_devices() > 0 ? omp_get_default_device() : omp_get_initial_device();
    if (omp_get_num_devices() > 0)
        test_associate(device);
    test_queries(device);
    return check_result("target_pointers");
}
