/* target_trap: a loop whose accesses are inside of the memory, then one with a load outside, on the device or the host. */
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static void move(int *cells, long offset)
{
    #pragma omp target teams distribute parallel for map(tofrom : cells[0 : 1000])
    for (long i = 0; i < 1000; i++)
        cells[i] = cells[i == 500 ? offset : i];
}

int main(void)
{
    int *cells = calloc(1000, sizeof *cells);
    cells[7] = 7;
    move(cells, 7);
    printf("%d\n", cells[500]);
    fflush(stdout);
    move(cells, 900 * 1000 * 1000);
    return cells[0];
}
