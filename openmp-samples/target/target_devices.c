/* target_devices: all devices at once, each with copies of its own, driven by a thread for each. Says how many there are. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 8, N = 50000, ROUNDS = 10 };

static double own[MOST][N];
static int shared[N];

static void require(int holds, const char *what)
{
    if (!holds) {
        printf("target_devices: failed: %s\n", what);
        exit(1);
    }
}

/* Each thread launches on its device while the others do on theirs. */
static void work_at_once(int devices)
{
    #pragma omp parallel num_threads(devices)
    {
        const int device = omp_get_thread_num();
        double *const mine = own[device];
        for (int round = 0; round < ROUNDS; round++) {
            double sum = 0;
            #pragma omp target teams distribute parallel for device(device) map(tofrom : mine[0 : N])
            for (int i = 0; i < N; i++)
                mine[i] += i % 10 + device;
            #pragma omp target teams distribute parallel for device(device) map(to : mine[0 : N]) map(tofrom : sum) \
                reduction(+ : sum)
            for (int i = 0; i < N; i++)
                sum += mine[i];
            require(sum == (round + 1) * (4.5 + device) * N, "a sum on one of several devices");
        }
    }
}

/* One array, which each device has a copy of. */
static void keep_copies(int devices)
{
    for (int i = 0; i < N; i++)
        shared[i] = i;
    for (int device = 0; device < devices; device++) {
        #pragma omp target enter data map(to : shared) device(device)
    }
    for (int device = 0; device < devices; device++) {
        #pragma omp target teams distribute parallel for device(device)
        for (int i = 0; i < N; i++)
            shared[i] += (device + 1) * 1000;
    }
    for (int device = devices - 1; device >= 0; device--) {
        require(omp_target_is_present(shared, device), "an array is present on each device");
        #pragma omp target update from(shared) device(device)
        for (int i = 0; i < N; i++)
            require(shared[i] == i + (device + 1) * 1000, "a device's own copy");
    }
    for (int device = 0; device < devices; device++) {
        #pragma omp target exit data map(delete : shared) device(device)
        require(!omp_target_is_present(shared, device), "an array is gone from each device");
    }
}

/* Each device changes its part of one array, and a region on the host after it. */
static void share_parts(int devices)
{
    const int part = N / devices;
    for (int i = 0; i < N; i++)
        shared[i] = i;
    for (int device = 0; device < devices; device++) {
        #pragma omp target enter data map(to : shared) device(device)
    }
    for (int round = 0; round < 2; round++)
        for (int device = 0; device < devices; device++) {
            const int begin = part * device;
            #pragma omp target teams distribute parallel for device(device)
            for (int i = 0; i < part; i++)
                shared[begin + i] += 1000;
            #pragma omp target device(device)
            shared[begin] += 1;
        }
    for (int device = 0; device < devices; device++) {
        #pragma omp target update from(shared[part * device : part]) device(device)
        for (int i = 0; i < part; i++)
            require(shared[part * device + i] == part * device + i + 2000 + 2 * (i == 0), "a device's part of an array");
    }
    for (int device = 0; device < devices; device++) {
        #pragma omp target exit data map(delete : shared) device(device)
    }
}

/* From the first device to the last one. */
static void copy_between(int devices)
{
    const int last = devices - 1, host = omp_get_initial_device();
    int *from = omp_target_alloc(N * sizeof *from, 0), *to = omp_target_alloc(N * sizeof *to, last);
    require(from && to, "memory on devices");
    #pragma omp target teams distribute parallel for device(0) is_device_ptr(from)
    for (int i = 0; i < N; i++)
        from[i] = 3 * i;
    require(omp_target_memcpy(to, from, N * sizeof *to, 0, 0, last, 0) == 0, "a copy between devices");
    #pragma omp target teams distribute parallel for device(last) is_device_ptr(to)
    for (int i = 0; i < N; i++)
        to[i] += 1;
    require(omp_target_memcpy(shared, to, N * sizeof *to, 0, 0, host, last) == 0, "a copy from a device");
    for (int i = 0; i < N; i++)
        require(shared[i] == 3 * i + 1, "what was copied between devices");
    omp_target_free(from, 0);
    omp_target_free(to, last);
}

/* The device that nobody names. */
static void use_default(int devices)
{
    for (int device = devices - 1; device >= 0; device--) {
        int is_initial = 1, number = -1;
        omp_set_default_device(device);
        #pragma omp target enter data map(to : shared)
        require(omp_target_is_present(shared, device), "the default device has it");
        for (int other = 0; other < device; other++)
            require(!omp_target_is_present(shared, other), "only the default device has it");
        #pragma omp target exit data map(delete : shared)
        #pragma omp target map(from : is_initial, number)
        {
            is_initial = omp_is_initial_device();
            number = omp_get_device_num();
        }
        require(is_initial ? number == omp_get_initial_device() : number == device, "a region knows where it runs");
    }
}

int main(void)
{
    const int devices = omp_get_num_devices() < MOST ? omp_get_num_devices() : MOST;
    printf("target_devices: %d\n", devices);
    if (devices > 0) {
        work_at_once(devices);
        keep_copies(devices);
    share_parts(devices);
        copy_between(devices);
        use_default(devices);
    }
    printf("target_devices: ok\n");
    return 0;
}
