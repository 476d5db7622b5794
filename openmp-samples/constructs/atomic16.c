/*
 * atomic16: atomic accesses to 16 bytes, which have no instruction on most
 * machines: the compiler calls __atomic_load and its like (native builds
 * need -latomic).
 */
#include "check.h"
#include <complex.h>
#include <omp.h>
#include <stdint.h>

#ifdef __clang__
#pragma clang diagnostic ignored "-Watomic-alignment" /* that they are slow is known */
#endif

struct pair {
    int64_t a, b;
};

enum { N = 500 };

int main(void)
{
    struct pair shared = {0, 0};
    #pragma omp parallel for schedule(static, 1)
    for (int i = 0; i < N; i++) {
        struct pair seen, next;
        __atomic_load(&shared, &seen, __ATOMIC_ACQUIRE);
        do {
            CHECK(seen.b == -3 * seen.a); /* never half of an update */
            next = (struct pair){seen.a + 1, seen.b - 3};
        } while (!__atomic_compare_exchange(&shared, &seen, &next, 0, __ATOMIC_ACQ_REL,
                                            __ATOMIC_ACQUIRE));
    }
    CHECK(shared.a == N && shared.b == -3 * N);

    struct pair cell = {-1, -2};
    #pragma omp parallel for
    for (int64_t i = 0; i < N; i++) {
        struct pair mine = {i, 2 * i}, previous, seen;
        __atomic_store(&cell, &mine, __ATOMIC_RELEASE);
        __atomic_load(&cell, &seen, __ATOMIC_ACQUIRE);
        CHECK(seen.b == 2 * seen.a);
        __atomic_exchange(&cell, &mine, &previous, __ATOMIC_SEQ_CST);
        CHECK(previous.b == 2 * previous.a);
    }
    CHECK(cell.b == 2 * cell.a);

#ifdef __clang__
    /* An extension of clang: the construct takes complex numbers as well. */
    double _Complex sum = 0;
    #pragma omp parallel for
    for (int i = 0; i < N; i++) {
        #pragma omp atomic
        sum += 1 - 2 * I;
    }
    CHECK(creal(sum) == N && cimag(sum) == -2 * N);

    double _Complex word = 0;
    #pragma omp parallel for
    for (int i = 0; i < N; i++) {
        const double _Complex written = i - i * I;
        double _Complex seen;
        #pragma omp atomic write
        word = written;
        #pragma omp atomic read
        seen = word;
        CHECK(creal(seen) == -cimag(seen));
    }
#endif
    return check_result("atomic16");
}
