/* A pool is empty, and the allocator's fallback is to end the program. */
#include <omp.h>

int main(void)
{
    omp_alloctrait_t traits[] = {{omp_atk_pool_size, 1000}, {omp_atk_fallback, omp_atv_abort_fb}};
    omp_allocator_handle_t allocator = omp_init_allocator(omp_default_mem_space, 2, traits);
    char *block = omp_alloc(2000, allocator);
    block[0] = 1;
    omp_free(block, allocator);
    return 0;
}
