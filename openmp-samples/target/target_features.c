/* target_features: loops on the device beside one that needs 64-bit floats, which not all devices have. Says how many ran on the device. */
#include "../constructs/check.h"
#include <omp.h>

enum { N = 1000 };

int main(void)
{
    float singles[N];
    double doubles[N];
    int on_device[3] = {0};
    for (int i = 0; i < N; i++)
        singles[i] = i, doubles[i] = i;
    #pragma omp target data map(tofrom : singles, doubles)
    {
        #pragma omp target teams distribute parallel for map(tofrom : on_device)
        for (int i = 0; i < N; i++) {
            singles[i] += 1;
            if (i == 0)
                on_device[0] = !omp_is_initial_device();
        }
        #pragma omp target teams distribute parallel for map(tofrom : on_device)
        for (int i = 0; i < N; i++) {
            doubles[i] += singles[i] + 0.5;
            if (i == 0)
                on_device[1] = !omp_is_initial_device();
        }
        #pragma omp target parallel for map(tofrom : on_device)
        for (int i = 0; i < N; i++) {
            doubles[i] *= 2;
            if (i == 0)
                on_device[2] = !omp_is_initial_device();
        }
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < N; i++)
            singles[i] += 1;
    }
    for (int i = 0; i < N; i++)
        CHECK(singles[i] == i + 2 && doubles[i] == 2 * (2 * i + 1.5));
    printf("%d %d %d\n", on_device[0], on_device[1], on_device[2]);
    return check_result("target_features");
}
