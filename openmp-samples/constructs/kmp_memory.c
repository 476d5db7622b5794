/*
 * kmp_malloc, kmp_calloc, kmp_realloc, kmp_aligned_malloc and kmp_free: an
 * extension of clang's runtime library.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>
#include <string.h>

enum { THREADS = 4 };

static int has_only(const unsigned char *bytes, size_t n, int value)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != value)
            return 0;
    return 1;
}

int main(void)
{
    int wrong = 0;
    #pragma omp parallel num_threads(THREADS)
    for (int round = 0; round < 200; round++) {
        const int mark = 1 + omp_get_thread_num();
        unsigned char *plain = kmp_malloc(100 + round), *zeros = kmp_calloc(50, 5);
        unsigned char *aligned = kmp_aligned_malloc(300, (size_t)16 << round % 8);
        if (!has_only(zeros, 250, 0) || (uintptr_t)aligned % ((size_t)16 << round % 8) != 0)
            tick(&wrong);
        memset(plain, mark, 100);
        memset(zeros, mark, 250);
        memset(aligned, mark, 300);
        plain = kmp_realloc(plain, 5000);
        zeros = kmp_realloc(zeros, 10);
        #pragma omp barrier
        if (!has_only(plain, 100, mark) || !has_only(zeros, 10, mark) || !has_only(aligned, 300, mark))
            tick(&wrong);
        kmp_free(aligned);
        kmp_free(plain);
        kmp_free(zeros);
    }
    CHECK(wrong == 0);
    void *fresh = kmp_realloc(NULL, 10);
    CHECK(fresh != NULL);
    kmp_free(fresh);
    kmp_free(NULL);
    return check_result("kmp_memory");
}
