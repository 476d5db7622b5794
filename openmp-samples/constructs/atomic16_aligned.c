/*
 * atomic16_aligned: as atomic16, for objects that are aligned to 16 bytes: the
 * compiler calls __atomic_load_16 and its like then (native builds need
 * -latomic).
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

#ifdef __clang__
#pragma clang diagnostic ignored "-Watomic-alignment" /* that they are slow is known */
#endif

struct pair {
    int64_t a, b;
} __attribute__((aligned(16)));

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
    return check_result("atomic16_aligned");
}
