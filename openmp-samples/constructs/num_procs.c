/*
 * num_procs: a program that calls nothing else of the library gets what its
 * environment says, too.
 */
#include <omp.h>
#include <stdio.h>

int main(void)
{
    printf("num_procs: %s\n", omp_get_num_procs() > 0 ? "ok" : "0");
    return 0;
}
