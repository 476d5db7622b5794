/*
 * for_clauses: clauses of worksharing loops that other programs here do not
 * have: linear, an order that is concurrent, private variables of iterations.
 */
#include "check.h"
#include <omp.h>

enum { N = 400 };

static void test_linear(void)
{
    int place = 3, seen[N], twice = 0;
    #pragma omp parallel
    {
        #pragma omp for linear(place : 2) schedule(static, 7)
        for (int i = 0; i < N; i++) {
            seen[i] = place;
            place += 2;
        }
    }
    CHECK(place == 3 + 2 * N);
    for (int i = 0; i < N; i++)
        CHECK(seen[i] == 3 + 2 * i);
    #pragma omp parallel for linear(twice)
    for (int i = 0; i < N; i++)
        seen[i] = 2 * twice++;
    CHECK(twice == N && seen[N - 1] == 2 * (N - 1));
}

static void test_order(void)
{
    int count[N] = {0}, sum = 0;
    #pragma omp parallel for order(concurrent)
    for (int i = 0; i < N; i++)
        count[i]++;
    #pragma omp parallel
    #pragma omp for order(reproducible : concurrent) reduction(+ : sum)
    for (int i = 0; i < N; i++)
        sum += count[i];
    CHECK(all_equal(count, N, 1) && sum == N);
}

static void test_private(void)
{
    int t = -1, first = 5, last = -1, sum = 0;
    #pragma omp parallel
    {
        #pragma omp for private(t) firstprivate(first) lastprivate(last) reduction(+ : sum) nowait
        for (int i = 0; i < N; i++) {
            t = i + first;
            last = t;
            sum += t;
        }
    }
    CHECK(t == -1 && last == N + 4 && sum == N * (N - 1) / 2 + 5 * N);
}

/* Pointers, loops that run downwards, and bounds that are expressions. */
static void test_forms(void)
{
    int count[N] = {0}, n = N;
    #pragma omp parallel for
    for (int *p = count; p < count + n; p++)
        (*p)++;
    #pragma omp parallel for
    for (int i = n - 1; i >= 0; i -= 1)
        count[i]++;
    #pragma omp parallel for
    for (int i = 0; i != n; ++i)
        count[i]++;
    CHECK(all_equal(count, N, 3));
}

/* The bounds of the inner loop depend on the outer one's variable. */
static void test_triangle(void)
{
    int count = 0, last = 0;
    #pragma omp parallel for collapse(2) reduction(+ : count) reduction(max : last)
    for (int i = 0; i < 40; i++)
        for (int j = i; j < 40; j++) {
            count++;
            last = 100 * i + j > last ? 100 * i + j : last;
        }
    CHECK(count == 40 * 41 / 2 && last == 3939);
}

int main(void)
{
    for (int round = 0; round < 5; round++) {
        test_linear();
        test_order();
        test_private();
        test_forms();
        test_triangle();
    }
    return check_result("for_clauses");
}
