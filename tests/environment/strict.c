// num_threads(strict: n), by the entry point that clang 22 calls.
//
// CC: -g
// RUN: OMP_THREAD_LIMIT=3 -- --threads 8
// EXIT: 134
#include <omp.h>
#include <stdio.h>

void __kmpc_push_num_threads_strict(void *loc, int gtid, int num_threads, int severity, const char *message);
int __kmpc_global_thread_num(void *loc);

static void region(int strict, int severity, const char *message)
{
    int threads = 0;
    __kmpc_push_num_threads_strict(0, __kmpc_global_thread_num(0), strict, severity, message);
    #pragma omp parallel
    #pragma omp single
    threads = omp_get_num_threads();
    printf("%d of %d\n", threads, strict);
    fflush(stdout);
}

int main(void)
{
    enum { WARNING = 1, FATAL = 2 };
    region(2, FATAL, "not said");
    region(1, FATAL, "not said");
    region(3, FATAL, 0);
    region(4, WARNING, "one is missing");
    region(5, WARNING, 0);
    int threads = 0;
    #pragma omp parallel num_threads(6)
    #pragma omp single
    threads = omp_get_num_threads();
    printf("%d of 6, which was not strict\n", threads);
    fflush(stdout);
    region(6, FATAL, "three are missing");
    return 0;
}
