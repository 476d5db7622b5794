/* target_unsynchronized: what the host has stored in mapped memory, and not updated, is its own, whatever regions run on the host or on
 * devices meanwhile, which see what the device has. */
#include "../constructs/check.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { N = 1000, HALF = N / 2 };

#pragma omp begin declare target
/* A digit's value, found in a way that no device can. */
static int __attribute__((noinline)) digit(int value)
{
    char text[2] = {(char)('0' + value), 0};
    return (int)strtol(text, NULL, 10);
}
#pragma omp end declare target

/* The device writes one half of an array, the host the other, and regions on both read and write it. */
static void check_halves(int apart)
{
    int *a = malloc(N * sizeof *a), sum = 0, strange = 0;
    for (int i = 0; i < N; i++)
        a[i] = 1;
#pragma omp target data map(tofrom : a[0 : N])
    {
#pragma omp target teams distribute parallel for
        for (int i = 0; i < HALF; i++)
            a[i] += i;
        for (int i = HALF; i < N; i++)
            a[i] = -i;
        /* On the host: it sees the device's. */
#pragma omp target map(tofrom : sum) map(from : strange)
        {
            for (int i = 0; i < N; i++)
                sum += a[i];
            a[7] = 70 + digit(0);
            a[HALF + 7] = 77;
            strange = a[HALF];
        }
        if (apart) {
            CHECK(sum == N + HALF * (HALF - 1) / 2 && strange == 1);
            /* The host's own is as it was. */
            for (int i = HALF; i < N; i++)
                CHECK(a[i] == -i);
            CHECK(a[7] == 1);
        }
        /* The device has what the region has written. */
#pragma omp target teams distribute parallel for map(tofrom : strange)
        for (int i = 0; i < 1; i++)
            strange = a[7] + a[HALF + 7] + a[HALF + 8];
        if (apart)
            CHECK(strange == 70 + 77 + 1);
#pragma omp target update to(a[HALF : HALF])
#pragma omp target update from(a[0 : HALF])
        for (int i = 0; i < N; i++)
            CHECK(a[i] == (i >= HALF ? -i : i == 7 ? 70 : i + 1) || !apart);
    }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == (i >= HALF ? -i : i == 7 ? 70 : i + 1) || !apart);
    free(a);
}

/* Teams regions and parallel regions on the host, too; what is to come back always does. */
static void check_forms(int apart)
{
    int a[N], b[8] = {0}, total = 0;
    for (int i = 0; i < N; i++)
        a[i] = 2;
#pragma omp target enter data map(to : a)
#pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++)
        a[i] = i;
    for (int i = 0; i < N; i++)
        a[i] = -1;
#pragma omp target teams distribute parallel for reduction(+ : total) map(from : b)
    for (int i = 0; i < N; i++) {
        total += a[i] + digit(0);
        if (i < 8)
            b[i] = a[i] + 1;
    }
    if (apart) {
        CHECK(total == N * (N - 1) / 2);
        for (int i = 0; i < 8; i++)
            CHECK(b[i] == i + 1);
        for (int i = 0; i < N; i++)
            CHECK(a[i] == -1);
    }
#pragma omp target parallel for
    for (int i = 0; i < N; i++)
        a[i] += digit(1);
    if (apart)
        for (int i = 0; i < N; i++)
            CHECK(a[i] == -1);
    /* All of it comes back, when the region has ended. */
#pragma omp target map(always, from : a)
    a[0] = 999 + digit(1);
    if (apart)
        for (int i = 0; i < N; i++)
            CHECK(a[i] == (i == 0 ? 1000 : i + 1));
#pragma omp target exit data map(release : a)
}

/* A teams region some of whose loops have one thread. */
static void check_single_threads(int apart, int threads)
{
    int a[N];
    for (int i = 0; i < N; i++)
        a[i] = 1;
#pragma omp target data map(to : a)
    {
#pragma omp target teams distribute parallel for
        for (int i = 0; i < N; i++)
            a[i] = i;
        for (int i = 0; i < N; i++)
            a[i] = -1;
#pragma omp target teams num_teams(1)
        for (int k = 0; k < 4; k++) {
#pragma omp distribute parallel for num_threads(k % 2 == 0 ? threads : 8)
            for (int i = 0; i < N; i++)
                a[i] = 2 * a[i] + k;
        }
#pragma omp target teams distribute parallel for num_threads(threads)
        for (int i = 0; i < N; i++)
            a[i]++;
        if (apart)
            for (int i = 0; i < N; i++)
                CHECK(a[i] == -1);
#pragma omp target update from(a)
        for (int i = 0; i < N; i++)
            CHECK(a[i] == 16 * i + 12 || !apart);
    }
}

/* A structure whose pointer is attached: what it points to is as the device has it. */
static void check_attached(int apart)
{
    struct {
        int length, *values;
    } list = {N, malloc(N * sizeof(int))};
    int sum = 0;
    memset(list.values, 0, N * sizeof(int));
#pragma omp target enter data map(to : list) map(to : list.values[0 : N])
#pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++)
        list.values[i] = 3;
    for (int i = 0; i < N; i++)
        list.values[i] = 5;
    for (int repeated = 0; repeated < 3; repeated++) {
#pragma omp target map(tofrom : sum)
        for (int i = 0; i < list.length; i++) {
            sum += list.values[i];
            list.values[i] += digit(1);
        }
    }
    if (apart) {
        CHECK(sum == N * (3 + 4 + 5));
        for (int i = 0; i < N; i++)
            CHECK(list.values[i] == 5);
    }
#pragma omp target update from(list.values[0 : N])
    for (int i = 0; i < N; i++)
        CHECK(list.values[i] == 6 || !apart);
#pragma omp target exit data map(delete : list.values[0 : N]) map(delete : list)
    free(list.values);
}

/* Tasks with arrays of their own, of which regions run on the host and on the device at the same time: what each gives back is nobody else's.
 * All use a declare target array. */
#pragma omp begin declare target
int counted[N];
#pragma omp end declare target

static void check_tasks(int apart)
{
    enum { TASKS = 6, ROUNDS = 10 };
    int wrong = 0;
#pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++)
        counted[i] = i;
#pragma omp parallel num_threads(4)
#pragma omp single
    for (int task = 0; task < TASKS; task++) {
#pragma omp task firstprivate(task) shared(wrong)
        {
            int *own = malloc(N * sizeof *own), found = 0;
            for (int i = 0; i < N; i++)
                own[i] = task;
            for (int round = 0; round < ROUNDS; round++) {
#pragma omp target data map(tofrom : own[0 : N])
                {
#pragma omp target teams distribute parallel for
                    for (int i = 0; i < N; i++)
                        own[i] += counted[i] - i + 1;
#pragma omp target
                    {
                        for (int i = 0; i < N; i++)
                            own[i] += 7;
                        counted[task] += digit(1);
                    }
                }
            }
            for (int i = 0; i < N; i++)
                found += own[i] < task + 8 * ROUNDS;
            free(own);
#pragma omp atomic
            wrong += found;
        }
    }
    CHECK(wrong == 0);
#pragma omp target update from(counted)
    for (int i = 0; i < N; i++)
        CHECK(counted[i] == i + (i < TASKS ? ROUNDS : 0) || !apart);
#pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++)
        counted[i] = 0;
}

/* A loop on the device changes what a region on the host has borrowed, but not the same elements. */
static void check_beside(int apart)
{
    int *a = malloc(N * sizeof *a);
    for (int i = 0; i < N; i++)
        a[i] = i;
#pragma omp target data map(tofrom : a[0 : N])
    {
#pragma omp target teams distribute parallel for
        for (int i = 0; i < N; i++)
            a[i] += 1;
        for (int i = 0; i < N; i++)
            a[i] = -1;
#pragma omp parallel num_threads(2)
#pragma omp single
        for (int repeated = 0; repeated < 20; repeated++) {
#pragma omp target nowait depend(inout : a[0])
            for (int i = 0; i < N; i += 2)
                a[i] += digit(1);
#pragma omp target teams distribute parallel for nowait depend(inout : a[1])
            for (int i = 1; i < N; i += 2)
                a[i] += 2;
        }
        if (apart)
            for (int i = 0; i < N; i++)
                CHECK(a[i] == -1);
    }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == i + 1 + (i % 2 == 0 ? 20 : 40) || !apart);
    free(a);
}

int main(int argc, char **argv)
{
    (void)argv;
    /* A device has memory of its own. */
    int apart = omp_get_num_devices() > 0;
    for (int repeated = 0; repeated < 3; repeated++) {
        check_halves(apart);
        check_forms(apart);
        check_single_threads(apart, argc);
        check_attached(apart);
        check_tasks(apart);
        check_beside(apart);
    }
    return check_result("target_unsynchronized");
}
