/* Memory of an allocator is freed again. */
#include <omp.h>

int main(void)
{
    char *block = omp_alloc(2000, omp_default_mem_alloc);
    omp_free(block, omp_default_mem_alloc);
    omp_free(block, omp_default_mem_alloc);
    return 0;
}
