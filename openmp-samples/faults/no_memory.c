/*
 * no_memory: a parallel region for whose team there is no memory left.
 */
#include <stdio.h>
#include <stdlib.h>

static void *volatile last; /* so that the compiler leaves the calls */

int main(void)
{
    for (size_t size = (size_t)1 << 28; size >= 16; size /= 2)
        while ((last = malloc(size)) != NULL)
            ;
    #pragma omp parallel num_threads(4)
    printf("not reached\n");
    return 0;
}
