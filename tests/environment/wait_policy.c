// What kmp_get_blocktime makes of OMP_WAIT_POLICY: LLVM's runtime waits awake for 200 milliseconds, for ever, or not at all.
//
// RUN:
// RUN: OMP_WAIT_POLICY=active
// RUN: OMP_WAIT_POLICY=PASSIVE
// RUN: OMP_WAIT_POLICY=lazy
#include <omp.h>
#include <stdio.h>

int main(void)
{
    int before = kmp_get_blocktime();
    #pragma omp parallel num_threads(2)
    { }
    printf("%d\n", before);
    return kmp_get_blocktime() != before;
}
