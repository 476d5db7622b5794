/*
 * lastprivate_stolen: lastprivate variables have the values of the last
 * iteration also where threads come back to earlier iterations behind it.
 */
#include "check.h"
#include <omp.h>

static void work(int amount)
{
    for (volatile int k = amount; k > 0;)
        k--;
}

int main(void)
{
    enum { N = 300 };
    for (int round = 0; round < 40; round++) {
        int last = -1, count = 0;
        double half = 0;
        #pragma omp parallel for schedule(nonmonotonic : dynamic, 1 + round % 3) lastprivate(last, half) reduction(+ : count)
        for (int i = 0; i < N; i++) {
            /* Heavy iterations in one place: whoever has them is helped. */
            work(i / 10 == round ? 3000 : 10);
            last = i;
            half = i / 2.0;
            count++;
        }
        CHECK(last == N - 1);
        CHECK(half == (N - 1) / 2.0);
        CHECK(count == N);
    }
    return check_result("lastprivate_stolen");
}
