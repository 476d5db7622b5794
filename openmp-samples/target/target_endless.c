/* target_endless: a loop that never ends, on the device. */
#include <stdio.h>

int main(void)
{
    volatile unsigned cells[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    #pragma omp target teams distribute parallel for map(tofrom : cells)
    for (int i = 0; i < 10; i++)
        while (cells[i] != 0)
            cells[i] += 2;
    puts("ended");
    return 0;
}
