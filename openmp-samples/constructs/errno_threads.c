/*
 * errno_threads: each thread has its own errno, also for what the C library
 * stores there.
 */
#include "check.h"
#include <errno.h>
#include <limits.h>
#include <omp.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    errno = 12345;
    int *first = &errno;
    #pragma omp parallel
    {
        const int me = omp_get_thread_num();
        CHECK((&errno == first) == (me == 0));
        errno = me + 1000;
        #pragma omp barrier
        CHECK(errno == me + 1000);
        for (int i = 0; i < 2000; i++) {
            errno = 0;
            if (me % 2 == 0) {
                CHECK(strtol("99999999999999999999999", NULL, 10) == LONG_MAX);
                CHECK(errno == ERANGE);
            } else {
                CHECK(close(-1) == -1);
                CHECK(errno == EBADF);
            }
        }
        errno = me + 2000;
        #pragma omp barrier
        CHECK(errno == me + 2000);
    }
    CHECK(errno == 2000);
    return check_result("errno_threads");
}
