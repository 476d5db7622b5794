/*
 * for_static: a loop with schedule(static) gives each thread at most one
 * contiguous chunk, and the same loop is divided in the same way again.
 */
#include "check.h"
#include <omp.h>

enum { MOST = 1000 };

static void test(int n)
{
    int count[MOST] = {0}, owner[MOST], differing = 0;

    #pragma omp parallel
    {
        #pragma omp for schedule(static)
        for (int i = 0; i < n; i++) {
            tick(&count[i]);
            owner[i] = omp_get_thread_num();
        }
        CHECK(all_equal(count, n, 1)); /* by the barrier at the end of the loop */

        #pragma omp for schedule(static) nowait
        for (int i = 0; i < n; i++)
            if (owner[i] != omp_get_thread_num())
                tick(&differing);
    }
    CHECK(differing == 0);

    int chunks = n > 0, num_owners = 0, owns[64] = {0};
    for (int i = 0; i < n; i++) {
        chunks += i > 0 && owner[i] != owner[i - 1];
        if (owner[i] < 64 && !owns[owner[i]]++)
            num_owners++;
    }
    CHECK(chunks == num_owners);
}

int main(void)
{
    for (int n = 0; n <= 20; n++)
        test(n);
    test(64);
    test(999);
    test(MOST);

    int count[100] = {0};
    #pragma omp parallel for
    for (int i = 99; i >= 0; i--)
        tick(&count[i]);
    CHECK(all_equal(count, 100, 1));
    return check_result("for_static");
}
