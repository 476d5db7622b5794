/* A private variable has an allocator whose pool is too small for it. */
#include <omp.h>

int main(void)
{
    omp_alloctrait_t traits[] = {{omp_atk_pool_size, 1000}, {omp_atk_fallback, omp_atv_null_fb}};
    omp_allocator_handle_t small = omp_init_allocator(omp_default_mem_space, 2, traits);
    int large[1000], last = 0;
    #pragma omp parallel for private(large) allocate(small : large) lastprivate(last)
    for (int i = 0; i < 1000; i++) {
        large[i] = i;
        last = large[i];
    }
    return last;
}
