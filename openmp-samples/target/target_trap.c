/* target_trap: a load outside of the memory, on the device or the host. */
#include <stdlib.h>

int main(void)
{
    int *cells = malloc(1000 * sizeof *cells);
    long offset = 900 * 1000 * 1000;
    #pragma omp target teams distribute parallel for map(tofrom : cells[0 : 1000])
    for (long i = 0; i < 1000; i++)
        cells[i] = cells[i == 500 ? offset : i];
    return cells[0];
}
