/*
 * target_tiles: collapsed loops of all sizes around those of tiles, and loops
 * that divide, visit each iteration once and with the right indices.
 */
#include "../constructs/check.h"
#include <stdlib.h>
#include <string.h>

enum { MOST = 70 };

static int visits[MOST * MOST];

/* Row and column of each element, as the loop computed them. */
static void two_loops(int first_row, int rows, int first_column, int columns)
{
    memset(visits, 0, sizeof visits);
    #pragma omp target teams distribute parallel for collapse(2) map(tofrom : visits)
    for (int i = first_row; i < rows; i++)
        for (int j = first_column; j < columns; j++)
            visits[i * MOST + j] += 1000 * i + j + 1;
    for (int i = 0; i < MOST; i++)
        for (int j = 0; j < MOST; j++) {
            const int inside = i >= first_row && i < rows && j >= first_column && j < columns;
            CHECK(visits[i * MOST + j] == (inside ? 1000 * i + j + 1 : 0));
        }
}

/* The same by hand; `width` may be anything but 0. */
static void one_loop(int n, int width)
{
    memset(visits, 0, sizeof visits);
    #pragma omp target parallel for map(tofrom : visits)
    for (int k = 0; k < n; k++)
        visits[k] += 1000 * (k / width) + k % width + 1;
    for (int k = 0; k < MOST * MOST; k++)
        CHECK(visits[k] == (k < n ? 1000 * (k / width) + k % width + 1 : 0));
}

static void three_loops(int a, int b, int c)
{
    memset(visits, 0, sizeof visits);
    long long sum = 0;
    #pragma omp target teams distribute parallel for collapse(3) map(tofrom : visits) reduction(+ : sum)
    for (int i = 0; i < a; i++)
        for (int j = 0; j < b; j++)
            for (int k = 0; k < c; k++) {
                visits[(i * b + j) * c + k]++;
                sum += i * 10000 + j * 100 + k;
            }
    long long here = 0;
    for (int i = 0; i < a; i++)
        for (int j = 0; j < b; j++)
            for (int k = 0; k < c; k++)
                here += i * 10000 + j * 100 + k;
    CHECK(sum == here);
    CHECK(all_equal(visits, a * b * c, 1));
}

/* Elements at odd addresses. */
static void unaligned(int rows, int columns)
{
    char *bytes = malloc((size_t)(MOST * MOST * 8 + 8));
    double *elements = (double *)(bytes + 4);
    for (int i = 0; i < MOST * MOST; i++) {
        const double value = i;
        memcpy(bytes + 4 + 8 * i, &value, 8);
    }
    struct __attribute__((packed)) element {
        double value;
    } *packed = (struct element *)elements;
    #pragma omp target teams distribute parallel for collapse(2) map(tofrom : packed[0 : MOST * MOST])
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            packed[i * MOST + j].value *= 2;
    for (int i = 0; i < MOST; i++)
        for (int j = 0; j < MOST; j++)
            CHECK(packed[i * MOST + j].value == (i * MOST + j) * (i < rows && j < columns ? 2. : 1.));
    free(bytes);
}

int main(void)
{
    static const int sizes[] = {0, 1, 7, 8, 9, 31, 32, 33, 64, MOST};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    for (int a = 0; a < SIZES; a++)
        for (int b = 0; b < SIZES; b++)
            two_loops(0, sizes[a], 0, sizes[b]);
    two_loops(3, 60, 2, 67);
    two_loops(1, 9, 0, 40);
    for (int n = 1; n < MOST * MOST; n += 611) {
        one_loop(n, 32);
        one_loop(n, 45);
        one_loop(n, 1);
        one_loop(n, -7);
    }
    three_loops(5, 12, 33);
    three_loops(40, 9, 8);
    three_loops(1, 64, 64);
    unaligned(40, 50);
    return check_result("target_tiles");
}
