/* target_private: variables of an iteration whose addresses go to other functions, and arrays that are indexed by variables, are what they
 * are in a plain loop, wherever it runs. Prints which loops ran on the device, if there is one. */
#include "../constructs/check.h"
#include <complex.h>
#include <omp.h>
#include <string.h>

enum { N = 1009, K = 12 };

static double in[N];
static int on_device, loops;

#define LOOP                                                                                                         \
    loops++;                                                                                                         \
    _Pragma("omp target teams distribute parallel for map(to : in) map(from : out) map(tofrom : on_device)")

/* Says where the loop runs, in its first iteration. */
#define SAY                                                                                                          \
    if (i == 0)                                                                                                      \
        on_device += !omp_is_initial_device();

#pragma omp declare target
__attribute__((noinline)) static void sort(double *a, int n)
{
    for (int i = 1; i < n; i++) {
        double x = a[i];
        int j = i;
        for (; j > 0 && a[j - 1] > x; j--)
            a[j] = a[j - 1];
        a[j] = x;
    }
}

struct point {
    double x, y;
    int count;
};

__attribute__((noinline)) static struct point made(double a, double b)
{
    return (struct point){a + b, a * b, (int)a};
}

__attribute__((noinline)) static double length(const struct point *p) { return p->x * p->x + p->y * p->y; }

/* Of the array of an iteration, or of the one that all have. */
__attribute__((noinline)) static double dot(const double *a, const double *b, int n)
{
    double sum = 0;
    for (int k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Several levels of frames, each with an array. */
__attribute__((noinline)) static int digits(unsigned number, char *text)
{
    char reversed[12];
    int count = 0;
    do
        reversed[count++] = '0' + number % 10;
    while ((number /= 10) != 0);
    for (int i = 0; i < count; i++)
        text[i] = reversed[count - 1 - i];
    text[count] = 0;
    return count;
}

__attribute__((noinline)) static int palindrome(unsigned number)
{
    char text[12];
    int count = digits(number, text);
    for (int i = 0; i < count / 2; i++)
        if (text[i] != text[count - 1 - i])
            return 0;
    return 1;
}
#pragma omp end declare target

/* What each loop computes for an iteration. */
#pragma omp declare target
static double sorted(const double *in, int i)
{
    double a[K];
    for (int k = 0; k < K; k++)
        a[k] = in[(i + k * 17) % N];
    sort(a, K);
    return a[K / 2] + a[i % K];
}

static double pointed(const double *in, int i)
{
    struct point points[3], *p = &points[i % 3];
    for (int k = 0; k < 3; k++)
        points[k] = made(in[i], k);
    p->count += i;
    return length(p) + p->count;
}

static double either(const double *in, int i)
{
    double own[4] = {1, in[i], 3, i};
    const double *list = i % 2 ? own : in + i % (N - 4);
    return dot(list, own, 4) + dot(in, own, 4);
}

static double counted(const double *in, int i)
{
    unsigned char bytes[8];
    int histogram[16] = {0};
    memcpy(bytes, &in[i], sizeof bytes);
    for (int k = 0; k < 8; k++)
        histogram[bytes[k] >> 4]++;
    return histogram[i & 15] + 100 * palindrome(i);
}

static double complicated(const double *in, int i)
{
    double complex c = in[i] / 300 - 1.5 + (i % 7 * 0.25 - 0.75) * I, z = 0;
    int n = 0;
    while (n < 50 && creal(z) * creal(z) + cimag(z) * cimag(z) < 4)
        z = z * z + c, n++;
    return n;
}

struct node {
    struct node *next;
    int value;
};

__attribute__((noinline)) static int length_of(const struct node *list)
{
    int sum = 0;
    for (; list; list = list->next)
        sum += list->value;
    return sum;
}

/* Pointers to variables of the iteration, in variables of the iteration. */
static double linked(const double *in, int i)
{
    struct node nodes[5], *first = NULL, **last = &first;
    for (int k = 0; k < 5; k++) {
        if ((i >> k & 1) == 0)
            continue;
        nodes[k] = (struct node){NULL, (int)in[i] + k};
        *last = &nodes[k];
        last = &nodes[k].next;
    }
    return length_of(first);
}
#pragma omp end declare target

int main(void)
{
    static double out[N];
    for (int i = 0; i < N; i++)
        in[i] = i * 7919 % 1000 * 0.5;

#define CHECK_LOOP(function)                                                                                         \
    LOOP for (int i = 0; i < N; i++) { out[i] = function(in, i); SAY }                                                   \
    for (int i = 0; i < N; i++)                                                                                      \
        CHECK(out[i] == function(in, i));

    CHECK_LOOP(sorted)
    CHECK_LOOP(pointed)
    CHECK_LOOP(either)
    CHECK_LOOP(counted)
    CHECK_LOOP(complicated)
    CHECK_LOOP(linked)
#ifdef __OPTIMIZE__ /* else not all of them can run there */
    CHECK(on_device == 0 || on_device == loops);
#endif
    return check_result("target_private");
}
