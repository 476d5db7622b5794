/*
 * atomic_clauses: what may stand at atomic beside the kind of the operation:
 * comparisons that may fail, with a memory order for that case, and hints.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

enum { N = 300 };

/* Each value is stored once: who sees the one before stores the next. */
static void test_compare_capture(void)
{
    int cell = 0, taken[N] = {0};
    #pragma omp parallel for schedule(static, 1)
    for (int i = 0; i < N; i++) {
        int expected = 0, stored = 0, before;
        while (!stored) {
            const int next = expected + 1;
            #pragma omp atomic compare capture seq_cst
            {
                before = cell;
                if (cell == expected) {
                    cell = next;
                }
            }
            stored = before == expected;
            expected = before;
        }
        tick(&taken[before]);
    }
    CHECK(cell == N && all_equal(taken, N, 1));
}

/* The result of the comparison itself (clang's true is not always 1), and what was there if it failed. */
static void test_result(void)
{
    int64_t cell = 5, seen = 0;
    int equal = -1;
    const int64_t expected = 5, next = 6;
    #pragma omp atomic compare capture
    {
        equal = cell == expected;
        if (equal) {
            cell = next;
        }
    }
    CHECK(equal != 0 && cell == 6);
    #pragma omp atomic compare capture
    {
        equal = cell == expected;
        if (equal) {
            cell = next;
        } else {
            seen = cell;
        }
    }
    CHECK(equal == 0 && cell == 6 && seen == 6);
    #pragma omp atomic compare capture
    if (cell == next) {
        cell = expected;
    } else {
        seen = cell;
    }
    CHECK(cell == 5 && seen == 6);
}

/* One that fails may have a weaker order, and a weak one may fail for no reason. */
static void test_fail_and_weak(void)
{
    int cell = 0;
    #pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < N; i++) {
        int expected = 0, done = 0;
        while (!done) {
            int before;
            const int next = expected + 1;
            #pragma omp atomic compare capture acq_rel fail(relaxed)
            {
                before = cell;
                if (cell == expected) {
                    cell = next;
                }
            }
            done = before == expected;
            expected = before;
        }
    }
    CHECK(cell == N);

    int owner = -1, winners = 0;
    #pragma omp parallel for schedule(static, 1) reduction(+ : winners)
    for (int i = 0; i < N; i++) {
        int won = 0;
        #pragma omp atomic compare capture weak seq_cst
        {
            won = owner == -1;
            if (won) {
                owner = i;
            }
        }
        winners += won != 0;
    }
    CHECK(winners <= 1 && winners == (owner >= 0));
}

static void test_least_and_most(void)
{
    double least = 1e9;
    int most = -1, before = 0;
    #pragma omp parallel for
    for (int i = 0; i < N; i++) {
        const double value = (i * 37 % N) + 0.5;
        const int whole = i * 37 % N;
        #pragma omp atomic compare hint(omp_sync_hint_contended)
        if (value < least) {
            least = value;
        }
        #pragma omp atomic compare relaxed
        most = most < whole ? whole : most;
    }
    CHECK(least == 0.5 && most == N - 1);
    const int larger = 2 * N;
    #pragma omp atomic compare capture
    {
        before = most;
        if (most < larger) {
            most = larger;
        }
    }
    CHECK(before == N - 1 && most == 2 * N);
}

static void test_hints(void)
{
    int a = 0, b = 0, seen = -1;
    #pragma omp parallel for
    for (int i = 0; i < N; i++) {
        #pragma omp atomic update hint(omp_sync_hint_uncontended)
        a += 2;
        #pragma omp atomic write hint(omp_sync_hint_none)
        b = 7;
    }
    #pragma omp atomic read hint(omp_sync_hint_speculative)
    seen = b;
    CHECK(a == 2 * N && seen == 7);
}

int main(void)
{
    for (int round = 0; round < 5; round++) {
        test_compare_capture();
        test_result();
        test_fail_and_weak();
        test_least_and_most();
        test_hints();
    }
    return check_result("atomic_clauses");
}
