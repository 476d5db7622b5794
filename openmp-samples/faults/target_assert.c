/*
 * target_assert: an assertion in a target region does not hold, after something has been printed there.
 */
#include <assert.h>
#include <stdio.h>

int main(void)
{
    int a[100] = {0};
    printf("before\n");
    #pragma omp target teams distribute parallel for map(tofrom : a)
    for (int i = 0; i < 100; i++) {
        a[i] = i;
        if (i == 42) {
            printf("at %d\n", i);
            assert(a[i] != 42);
            printf("not reached\n");
        }
    }
    printf("not reached\n");
    return 0;
}
