/*
 * critical: one thread at a time is in the regions of the same name; regions
 * of different names do not exclude each other.
 */
#include "check.h"
#include <omp.h>

enum { ROUNDS = 300 };
static int inside_unnamed, inside_named, inside_hinted;

/* Called within a critical region: is this thread alone in it? */
static void visit(int *inside, long *plain_counter)
{
    CHECK(tick(inside) == 0);
    const long value = *plain_counter;
    for (volatile int delay = 0; delay < 20; delay++)
        ;
    *plain_counter = value + 1;
    __atomic_fetch_sub(inside, 1, __ATOMIC_RELAXED);
}

static void elsewhere(long *counter)
{
    #pragma omp critical
    visit(&inside_unnamed, counter);
}

int main(void)
{
    long unnamed = 0, named = 0, hinted = 0, nested = 0;
    int threads = 0;

    #pragma omp parallel
    {
        tick(&threads);
        for (int i = 0; i < ROUNDS; i++) {
            #pragma omp critical
            visit(&inside_unnamed, &unnamed);
            elsewhere(&unnamed);

            #pragma omp critical(alpha)
            visit(&inside_named, &named);
            #pragma omp critical(alpha)
            visit(&inside_named, &named);

            #pragma omp critical(gamma) hint(omp_sync_hint_contended)
            visit(&inside_hinted, &hinted);

            /* Critical regions may be nested when their names differ. */
            #pragma omp critical(alpha)
            {
                #pragma omp critical(beta)
                nested++;
            }
        }
    }
    CHECK(threads == omp_get_max_threads());
    CHECK(unnamed == 2 * ROUNDS * threads);
    CHECK(named == 2 * ROUNDS * threads);
    CHECK(hinted == ROUNDS * threads);
    CHECK(nested == ROUNDS * threads);

    /* Two threads meet while each is in a region of another name. */
    int met = 0;
    #pragma omp parallel num_threads(2)
    {
        if (omp_get_thread_num() == 0) {
            #pragma omp critical(alpha)
            for (tick(&met); __atomic_load_n(&met, __ATOMIC_RELAXED) < 2;)
                ;
        } else {
            #pragma omp critical(beta)
            for (tick(&met); __atomic_load_n(&met, __ATOMIC_RELAXED) < 2;)
                ;
        }
    }
    CHECK(met == 2);
    return check_result("critical");
}
