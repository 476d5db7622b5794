/*
 * reduction_array: reductions of arrays and array sections, whose length may
 * be known at run time only.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>

enum { N = 1000, BINS = 40 };

static void test_histogram(int bins, int64_t *histogram, int offset)
{
    for (int i = 0; i < offset + bins + 3; i++)
        histogram[i] = 1000;

    #pragma omp parallel for reduction(+ : histogram[offset : bins])
    for (int i = 0; i < N; i++)
        histogram[offset + i % bins] += i;

    for (int i = 0; i < offset + bins + 3; i++) {
        int64_t expected = 1000;
        if (i >= offset && i < offset + bins)
            for (int value = i - offset; value < N; value += bins)
                expected += value;
        CHECK(histogram[i] == expected);
    }
}

static void test_whole_arrays(void)
{
    double sum[3][4] = {{0}};
    int least[5] = {99, 99, 99, 99, 2}, bits[2] = {0, 0};

    #pragma omp parallel for schedule(dynamic, 3) reduction(+ : sum) reduction(min : least) \
        reduction(| : bits[0 : 2])
    for (int i = 0; i < 60; i++) {
        for (int j = 0; j < 4; j++)
            sum[i % 3][j] += i * (j + 1);
        least[i % 5] = i + 10 < least[i % 5] ? i + 10 : least[i % 5];
        bits[i % 2] |= 1 << i % 20;
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            CHECK(sum[i][j] == (570 + 20 * i) * (j + 1));
    CHECK(least[0] == 10 && least[1] == 11 && least[2] == 12 && least[3] == 13 && least[4] == 2);
    CHECK(bits[0] == 0x55555 && bits[1] == 0xaaaaa);
}

static void test_variable_length(int n)
{
    int array[n];
    for (int i = 0; i < n; i++)
        array[i] = 0;
    #pragma omp parallel reduction(+ : array)
    for (int i = 0; i < n; i++)
        array[i] += i + 1;
    for (int i = 0; i < n; i++)
        CHECK(array[i] == (i + 1) * omp_get_max_threads());
}

int main(void)
{
    int64_t *histogram = malloc((BINS + 10) * sizeof *histogram);
    if (!histogram)
        return 2;
    for (int round = 0; round < 10; round++) {
        test_histogram(BINS, histogram, 0);
        test_histogram(1, histogram, 0);
        test_histogram(7, histogram, 5);
        test_whole_arrays();
        test_variable_length(1);
        test_variable_length(333);
    }
    free(histogram);
    return check_result("reduction_array");
}
