/* Members of a team each launch independent kernels of wasi-parallel, all at the same time: every launch has all of its
 * iterations behind it when it returns, whatever threads helped. The kernel uses no stack: all its instances would have the same. */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>

__attribute__((import_module("wasi_ephemeral_parallel"), import_name("parallel_for")))
int parallel_for(uintptr_t kernel, int threads, int block_size, const int *in, int in_len, const int *out, int out_len);

static int counts[4];

static void kernel(int thread, int threads, int member)
{
    (void)thread, (void)threads;
    __atomic_fetch_add(&counts[member], 1, __ATOMIC_RELAXED);
}

int main(void)
{
    int failures = 0;
    for (int round = 0; round < 50; round++) {
        #pragma omp parallel num_threads(4) reduction(+ : failures)
        for (int i = 0; i < 20; i++) {
            const int member = omp_get_thread_num(), threads = 1 + 50 * i;
            counts[member] = 0;
            failures += parallel_for((uintptr_t)kernel, threads, member, NULL, 0, NULL, 0) != 0;
            failures += counts[member] != threads;
        }
    }
    printf("%d failures\n", failures);
    return 0;
}
