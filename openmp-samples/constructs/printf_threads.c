/*
 * printf_threads: eight threads print the same lines at the same time; every
 * line comes out whole.
 */
#include "check.h"
#include <omp.h>

int main(void)
{
    #pragma omp parallel num_threads(8)
    for (int i = 0; i < 25; i++) {
        if (i % 2)
            puts("one line of several words, and 2.50 and 0x1f");
        else
            CHECK(printf("%s line of %s words, and %.2f and %#x\n", "one", "several", 2.5, 31) == 45);
    }
    return check_result("printf_threads");
}
