/*
 * kmp_set_* and kmp_get_*: settings of clang's runtime library. They read as
 * they were set; a serial library runs regions on one thread.
 */
#include "check.h"
#include <omp.h>

static int threads_of(int n)
{
    int threads = 0;
    #pragma omp parallel num_threads(n)
    tick(&threads);
    return threads;
}

int main(void)
{
    enum { SERIAL = 1, TURNAROUND = 2, THROUGHPUT = 3 };

    /* The stack size: before the first region. */
    kmp_set_stacksize_s(1 << 20);
    CHECK(kmp_get_stacksize_s() == 1 << 20 && kmp_get_stacksize() == 1 << 20);
    kmp_set_stacksize(1 << 21);
    CHECK(kmp_get_stacksize() == 1 << 21);
    kmp_set_disp_num_buffers(4);

    kmp_set_blocktime(30);
    CHECK(kmp_get_blocktime() == 30);
    kmp_set_blocktime(-1);
    CHECK(kmp_get_blocktime() == 0);
    kmp_set_defaults("KMP_BLOCKTIME=25");
    CHECK(kmp_get_blocktime() == 25);
    kmp_set_defaults("OMP_NUM_THREADS=5|OMP_DYNAMIC=true");
    CHECK(omp_get_max_threads() == 5 && omp_get_dynamic());
    kmp_set_defaults("OMP_DYNAMIC=false");

    const int before = threads_of(3);
    kmp_set_stacksize_s(1 << 22); /* too late */
    CHECK(kmp_get_stacksize_s() == 1 << 21);

    kmp_set_warnings_off();
    kmp_set_library_serial();
    CHECK(kmp_get_library() == SERIAL && omp_get_max_threads() == 1 && threads_of(3) == 1);
    kmp_set_library_turnaround();
    CHECK(kmp_get_library() == TURNAROUND && threads_of(3) == before);
    kmp_set_library_throughput();
    CHECK(kmp_get_library() == THROUGHPUT);
    kmp_set_library(THROUGHPUT);
    CHECK(kmp_get_library() == THROUGHPUT && threads_of(3) == before);
    kmp_set_warnings_on();
    return check_result("kmp_settings");
}
