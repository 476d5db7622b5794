/*
 * target_shared: with `requires unified_shared_memory`, the host and the device see each other's
 * writes without mapping anything: lists, tables, variables on the stack, and halves of an array
 * that both of them change at the same time.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <stdlib.h>

#pragma omp requires unified_shared_memory

enum { N = 40000, ROUNDS = 8 };

struct node {
    int value;
    struct node *next;
};

static int table[N];
static struct node *list;

static void arrays(void)
{
    double *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b), sum = 0;
    for (int i = 0; i < N; i++)
        a[i] = i, b[i] = 2;
    #pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++)
        a[i] += 3 * b[i];
    #pragma omp target teams distribute parallel for reduction(+ : sum)
    for (int i = 0; i < N; i++)
        sum += a[i];
    CHECK(sum == (double)N * (N - 1) / 2 + 6.0 * N);
    for (int i = 0; i < N; i++)
        CHECK(a[i] == i + 6);
    free(a);
    free(b);
}

/* The device follows pointers of the host's, and the host what the device has changed. */
static void lists(void)
{
    for (int i = 0; i < 1000; i++) {
        struct node *node = malloc(sizeof *node);
        *node = (struct node){i, list};
        list = node;
    }
    /* Scalars would be private. */
    int sum = 0;
    struct node *last = NULL;
    #pragma omp target map(tofrom : sum, last)
    {
        for (struct node *at = list; at; at = at->next) {
            sum += at->value;
            at->value *= 2;
            last = at;
        }
    }
    CHECK(sum == 499500 && last && last->value == 0 && !last->next);
    for (struct node *at = list; at; at = at->next)
        sum -= at->value;
    CHECK(sum == -499500);
}

/* Mappings change nothing. */
static void mapped(void)
{
    int numbers[100], beside = 1;
    for (int i = 0; i < 100; i++)
        numbers[i] = i;
    #pragma omp target data map(to : numbers)
    {
        #pragma omp target teams distribute parallel for map(tofrom : numbers)
        for (int i = 0; i < 100; i++)
            numbers[i] += 1;
        CHECK(numbers[99] == 100);
        numbers[0] = 7;
        #pragma omp target map(tofrom : beside)
        beside += numbers[0];
        #pragma omp target update from(numbers)
    }
    CHECK(beside == 8 && numbers[0] == 7 && numbers[1] == 2);
    int *block = omp_target_alloc(100 * sizeof *block, omp_get_default_device());
    #pragma omp target parallel for is_device_ptr(block)
    for (int i = 0; i < 100; i++)
        block[i] = i;
    CHECK(block[99] == 99 && omp_target_is_accessible(block, 4, omp_get_default_device()));
    omp_target_free(block, omp_get_default_device());
}

/* A kernel changes the odd elements while the host changes the even ones. */
static void both_at_once(void)
{
    for (int round = 1; round <= ROUNDS; round++) {
        #pragma omp target teams distribute parallel for nowait depend(out : table)
        for (int i = 1; i < N; i += 2) {
            unsigned x = i;
            for (int k = 0; k < 100; k++)
                x = x * 1664525 + 1013904223;
            table[i] += round + (x == 0);
        }
        for (int i = 0; i < N; i += 2)
            table[i] += round;
        #pragma omp taskwait
    }
    for (int i = 0; i < N; i++)
        CHECK(table[i] == ROUNDS * (ROUNDS + 1) / 2);
}

/* Threads launch, and touch what is beside the elements of others. */
static void threads(void)
{
    enum { THREADS = 3 };
    static int counts[THREADS * 1000];
    #pragma omp parallel for num_threads(THREADS)
    for (int me = 0; me < THREADS; me++) {
        for (int round = 0; round < ROUNDS; round++) {
            #pragma omp target teams distribute parallel for
            for (int i = 0; i < 1000; i++)
                counts[THREADS * i + me] += 1;
            for (int i = me; i < THREADS * 1000; i += THREADS)
                counts[i] += 2;
        }
    }
    for (int i = 0; i < THREADS * 1000; i++)
        CHECK(counts[i] == 3 * ROUNDS);
}

int main(void)
{
    arrays();
    lists();
    mapped();
    both_at_once();
    threads();
    return check_result("target_shared");
}
