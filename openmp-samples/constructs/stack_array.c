/*
 * stack_array: each thread has a private array of 160 KB on its stack, and
 * calls functions that need as much in steps.
 */
#include "check.h"
#include <omp.h>

enum { N = 20000 };

static double checksum(const double *array)
{
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += array[i];
    return sum;
}

/* Uses 4 KB of stack per level. */
__attribute__((noinline)) static int descend(int depth, int thread)
{
    volatile int frame[1000];
    for (int i = 0; i < 1000; i++)
        frame[i] = thread + depth;
    const int below = depth > 0 ? descend(depth - 1, thread) : 0;
    for (int i = 0; i < 1000; i++)
        CHECK(frame[i] == thread + depth);
    return below + frame[999];
}

int main(void)
{
    double array[N];
    for (int i = 0; i < N; i++)
        array[i] = -1;

    for (int round = 0; round < 3; round++) {
        #pragma omp parallel private(array)
        {
            const int me = omp_get_thread_num();
            for (int i = 0; i < N; i++)
                array[i] = me * 1000 + i % 10;
            #pragma omp barrier
            CHECK(checksum(array) == N * (me * 1000 + 4.5));
        }
        #pragma omp parallel firstprivate(array)
        {
            CHECK(checksum(array) == -N);
            array[N - 1] = omp_get_thread_num();
            #pragma omp barrier
            CHECK(array[N - 1] == omp_get_thread_num());
        }
        #pragma omp parallel
        CHECK(descend(39, omp_get_thread_num()) == 780 + 40 * omp_get_thread_num());
    }
    CHECK(checksum(array) == -N);
    return check_result("stack_array");
}
