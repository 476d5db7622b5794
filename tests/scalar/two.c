/* Functions of the same names as in the other file are static here. */
#include "two.h"

static double table[64];

__attribute__((noinline)) static int count(const int *x, int n)
{
    int s = 0;
    for (int i = 0; i < n; i++)
        s ^= x[i] << 1;
    return s;
}

double scaled(double *x, int n, double by)
{
    for (int i = 0; i < n; i++)
        table[i] = x[i] * by + 1;
    return sum(table, n);
}

__attribute__((noinline)) int chosen(const int *x, int n)
{
    int s = 1000;
    for (int i = 0; i < n; i++)
        s += 2 * x[i];
    return s;
}

int mask(const int *x, int n) { return count(x, n); }

int not_called(int *x, int n)
{
    for (int i = 0; i < n; i++)
        x[i] *= 3;
    return 0;
}
