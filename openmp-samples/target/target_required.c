/*
 * target_required: loops that run on the device, of kinds that ask for more
 * than the code of a loop does; and variables of which parts are mapped.
 */
#include "../constructs/check.h"
#include <stdlib.h>

enum { N = 1000 };

static double twice(double x)
{
    return 2 * x;
}

static double thrice(double x)
{
    return 3 * x;
}

/* The combiners of clang's branch. */
static void logical_reductions(const int *numbers)
{
    int all = 1, any = 0, none = 0;
    #pragma omp target teams distribute parallel for map(to : numbers[0 : N]) reduction(&& : all)
    for (int i = 0; i < N; i++)
        all = all && numbers[i] < N;
    #pragma omp target teams distribute parallel for map(to : numbers[0 : N]) reduction(|| : any)
    for (int i = 0; i < N; i++)
        any = any || numbers[i] == N / 2;
    #pragma omp target parallel for map(to : numbers[0 : N]) reduction(|| : none)
    for (int i = 0; i < N; i++)
        none = none || numbers[i] == N;
    CHECK(all && any && !none);
}

/* A league of one team, which is no region without teams. */
static void one_team(int *numbers)
{
    #pragma omp target teams distribute parallel for num_teams(1) map(tofrom : numbers[0 : N])
    for (int i = 0; i < N; i++)
        numbers[i]++;
    int sum = 0;
    #pragma omp target teams distribute parallel for num_teams(1) map(tofrom : numbers[0 : N]) reduction(+ : sum)
    for (int i = 0; i < N; i++)
        sum += numbers[i]--;
    CHECK(sum == N * (N + 1) / 2 && numbers[N - 1] == N - 1);
}

/* A pointer to a function is none to memory. */
static void function_pointers(int *numbers)
{
    double (*volatile chosen)(double) = twice;
    for (int round = 0; round < 2; round++) {
        double (*function)(double) = chosen;
        #pragma omp target teams distribute parallel for map(tofrom : numbers[0 : N])
        for (int i = 0; i < N; i++)
            numbers[i] = function(i);
        CHECK(numbers[N - 1] == (round + 2) * (N - 1));
        chosen = thrice;
    }
}

/* Elimination in a matrix whose size is not known: the function around the loop keeps addresses in its frame across blocks. */
static void eliminate(int n, double (*a)[n])
{
    for (int k = 0; k < n - 1; k++) {
        #pragma omp target teams distribute parallel for collapse(2) map(tofrom : a[0 : n])
        for (int i = k + 1; i < n; i++)
            for (int j = k + 1; j < n; j++)
                a[i][j] -= a[i][k] * a[k][j];
    }
}

static void matrices(void)
{
    double a[20][20];
    for (int i = 0; i < 20; i++)
        for (int j = 0; j < 20; j++)
            a[i][j] = i < j ? i + 1 : j + 1;
    /* Each step leaves ones in a row and a column, and such a matrix again, one smaller. */
    eliminate(20, a);
    for (int i = 0; i < 20; i++)
        for (int j = 0; j < 20; j++)
            CHECK(a[i][j] == 1);
}

static int halves[N];

/* A region names a variable, of which what it uses is mapped. */
static void mapped_in_part(void)
{
    struct {
        int n, *first, *second;
    } both = {N, calloc(N, sizeof(int)), calloc(N, sizeof(int))};
    #pragma omp target enter data map(to : both.first[0 : N], both.second[0 : N])
    #pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++) {
        both.first[i] = i;
        both.second[i] = 2 * i;
    }
    #pragma omp target exit data map(from : both.first[0 : N], both.second[0 : N])
    CHECK(both.first[N - 1] == N - 1 && both.second[N - 1] == 2 * (N - 1));
    #pragma omp target data map(tofrom : halves[N / 2 : N / 2])
    {
        #pragma omp target teams distribute parallel for
        for (int i = N / 2; i < N; i++)
            halves[i] += i;
        halves[0] = 7;
        #pragma omp target teams distribute parallel for
        for (int i = N / 2; i < N; i++)
            halves[i] += i;
    }
    CHECK(halves[0] == 7 && halves[1] == 0 && halves[N / 2] == N && halves[N - 1] == 2 * (N - 1));
    free(both.first);
    free(both.second);
}

int main(void)
{
    int numbers[N];
    for (int i = 0; i < N; i++)
        numbers[i] = i;
    logical_reductions(numbers);
    one_team(numbers);
    function_pointers(numbers);
    matrices();
    mapped_in_part();
    return check_result("target_required");
}
