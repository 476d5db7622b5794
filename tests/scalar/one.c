/* What a scalar form may refer to: statics, strings, tables, pointers to functions, thread-local variables, and functions of this
   file, of another, and of the C library. */
#include <stdio.h>
#include <string.h>
#include "two.h"

static double table[64];
static int calls;
static const char *const names[] = { "zero", "one", "two" };
static _Thread_local int mine = 5;

static int twice(int x) { calls++; return 2 * x; }
static int thrice(int x) { calls++; return 3 * x; }
static int (*const operations[])(int) = { twice, thrice };

__attribute__((noinline)) static const char *name(int i)
{
    switch (i & 7) {
    case 0: return names[0];
    case 1: return names[1];
    case 2: return names[2];
    case 3: return "three";
    case 4: return "four";
    case 5: return "five";
    default: return "many";
    }
}

__attribute__((noinline)) double sum(const double *x, int n)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i] * x[i];
    return s;
}

__attribute__((noinline)) static int apply(int (*f)(int), int n)
{
    int s = 0;
    for (int i = 0; i < n; i++)
        s += f(i) + operations[i & 1](i) + (int)strlen(name(i)) + mine;
    return s;
}

__attribute__((noinline)) static int count(const int *x, int n)
{
    int s = 0;
    for (int i = 0; i < n; i++)
        s += x[i] > 7;
    return s;
}

/* Another file has a stronger one. */
__attribute__((weak, noinline)) int chosen(const int *x, int n)
{
    int s = 1;
    for (int i = 0; i < n; i++)
        s += x[i];
    return s;
}

/* Nobody calls it: the linker leaves it out, and what only it refers to. */
int unused(int *x, int n)
{
    static int kept_by_nobody[4];
    for (int i = 0; i < n; i++)
        x[i] += kept_by_nobody[i & 3]++;
    return not_called(x, n);
}

int main(int argc, char **argv)
{
    (void)argv;
    int numbers[40];
    for (int i = 0; i < 64; i++)
        table[i] = i * argc;
    for (int i = 0; i < 40; i++)
        numbers[i] = i * argc;
    mine += argc;
    printf("%g %g\n", sum(table, 64), scaled(table, 64, 0.5));
    printf("%d %d\n", apply(argc > 1 ? twice : thrice, 20), calls);
    printf("%d %d %d\n", chosen(numbers, 40), count(numbers, 40), mask(numbers, 40));
    double total = 0;
#pragma omp parallel for reduction(+ : total)
    for (int i = 0; i < 64; i++)
        total += table[i];
    printf("%g\n", total);
    return 0;
}
