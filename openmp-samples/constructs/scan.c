/*
 * scan: inclusive and exclusive prefix sums, by one thread with simd and by a
 * team, with other operators than + too.
 */
#pragma clang diagnostic ignored "-Wpass-failed"
#include "check.h"
#include <limits.h>
#include <omp.h>

enum { N = 1000 };
static int input[N], sums[N];
static double products[N];

static void fill(void)
{
    for (int i = 0; i < N; i++)
        input[i] = i * 37 % 101 - 50;
}

static int prefix(int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += input[i];
    return sum;
}

static void inclusive(int n)
{
    int sum = 0;
    #pragma omp parallel for reduction(inscan, + : sum)
    for (int i = 0; i < n; i++) {
        sum += input[i];
        #pragma omp scan inclusive(sum)
        sums[i] = sum;
    }
    for (int i = 0; i < n; i++)
        CHECK(sums[i] == prefix(i + 1));
    CHECK(sum == prefix(n));
}

static void exclusive(int n)
{
    int sum = 0;
    #pragma omp parallel for reduction(inscan, + : sum)
    for (int i = 0; i < n; i++) {
        sums[i] = sum;
        #pragma omp scan exclusive(sum)
        sum += input[i];
    }
    for (int i = 0; i < n; i++)
        CHECK(sums[i] == prefix(i));
    CHECK(sum == prefix(n));
}

/* Two variables, other operators; products of powers of two are exact. */
static void operators(void)
{
    static int largest[N];
    double product = 1;
    int most = INT_MIN;
    #pragma omp parallel for reduction(inscan, * : product) reduction(inscan, max : most)
    for (int i = 0; i < N; i++) {
        product *= i % 2 ? 2 : 0.5;
        most = input[i] > most ? input[i] : most;
        #pragma omp scan inclusive(product, most)
        products[i] = product;
        largest[i] = most;
    }
    int expected = INT_MIN;
    for (int i = 0; i < N; i++) {
        expected = input[i] > expected ? input[i] : expected;
        CHECK(products[i] == (i % 2 ? 1 : 0.5));
        CHECK(largest[i] == expected);
    }
    CHECK(product == 1 && most == expected);
}

static void with_simd(void)
{
    int sum = 0;
    #pragma omp simd reduction(inscan, + : sum)
    for (int i = 0; i < N; i++) {
        sum += input[i];
        #pragma omp scan inclusive(sum)
        sums[i] = sum;
    }
    for (int i = 0; i < N; i++)
        CHECK(sums[i] == prefix(i + 1));

    sum = 0;
    #pragma omp parallel for simd reduction(inscan, + : sum)
    for (int i = 0; i < N; i++) {
        sums[i] = sum;
        #pragma omp scan exclusive(sum)
        sum += input[i];
    }
    for (int i = 0; i < N; i++)
        CHECK(sums[i] == prefix(i));
}

int main(void)
{
    fill();
    for (int n = 2; n < 20; n++) {
        inclusive(n);
        exclusive(n);
    }
    inclusive(N);
    exclusive(N);
    operators();
    with_simd();
    return check_result("scan");
}
