/*
 * for_collapse: the collapse clause makes one iteration space of several
 * loops, which may have steps, be empty, or depend on an outer loop's variable.
 */
#include "check.h"
#include <omp.h>
#include <string.h>

enum { A = 7, B = 9, C = 5 };
static int count[A][B][C];

static void clear(void)
{
    memset(count, 0, sizeof count);
}

static int as_expected(int (*expected)(int, int, int))
{
    int wrong = 0;
    for (int i = 0; i < A; i++)
        for (int j = 0; j < B; j++)
            for (int k = 0; k < C; k++)
                wrong += count[i][j][k] != expected(i, j, k);
    return wrong == 0;
}

static int all(int i, int j, int k) { return i >= 0 && j >= 0 && k >= 0; }
static int stepped(int i, int j, int k) { return i % 2 == 1 && j % 3 == 2 && k == 0; }
static int none(int i, int j, int k) { return i + j + k < 0; }
static int triangle(int i, int j, int k) { return j >= i && k == 0; }

static void test(int rows)
{
    clear();
    #pragma omp parallel for collapse(3)
    for (int i = 0; i < A; i++)
        for (int j = 0; j < B; j++)
            for (int k = 0; k < C; k++)
                tick(&count[i][j][k]);
    CHECK(as_expected(all));

    clear();
    #pragma omp parallel for collapse(2) schedule(dynamic, 4)
    for (int i = 0; i < A; i++)
        for (int j = B - 1; j >= 0; j--)
            for (int k = 0; k < C; k++)
                tick(&count[i][j][k]);
    CHECK(as_expected(all));

    clear();
    #pragma omp parallel for collapse(2) schedule(static, 1)
    for (int i = 1; i < A; i += 2)
        for (int j = B - 1; j > 0; j -= 3)
            tick(&count[i][j][0]);
    CHECK(as_expected(stepped));

    clear();
    #pragma omp parallel for collapse(2) schedule(guided)
    for (int i = 0; i < A; i++)
        for (int j = 0; j < rows; j++)
            tick(&count[i][j][0]);
    CHECK(as_expected(none));

    clear();
    #pragma omp parallel for collapse(2)
    for (int i = 0; i < A; i++)
        for (int j = i; j < B; j++)
            tick(&count[i][j][0]);
    CHECK(as_expected(triangle));
}

int main(void)
{
    for (int round = 0; round < 10; round++)
        test(0);
    return check_result("for_collapse");
}
