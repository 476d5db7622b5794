// What OMP_DISPLAY_AFFINITY shows: each team once, and again when something about it has changed.
//
// CC: -O0
// RUN: OMP_DISPLAY_AFFINITY=true OMP_AFFINITY_FORMAT=level+%L,+thread+%n+of+%N,+ancestor+%a,+team+%t+of+%T,+on+{%A} OMP_PLACES={0} -- --threads 4
// RUN: OMP_DISPLAY_AFFINITY=true OMP_AFFINITY_FORMAT=%n/%N OMP_PLACES={0} -- --device sequential
// RUN: OMP_DISPLAY_AFFINITY=false OMP_AFFINITY_FORMAT=never -- --threads 4
// RUN: OMP_AFFINITY_FORMAT=never -- --threads 4
// RUN: OMP_DISPLAY_AFFINITY=perhaps OMP_AFFINITY_FORMAT=never -- --threads 4
#include <omp.h>
#include <stdio.h>

int main(void)
{
    omp_set_max_active_levels(2);
    printf("two\n");
    for (int i = 0; i < 2; i++) {
        #pragma omp parallel num_threads(2)
        {
        }
    }
    printf("three\n");
    #pragma omp parallel num_threads(3)
    {
    }
    printf("one\n");
    #pragma omp parallel if (0)
    {
    }
    printf("two by two\n");
    for (int i = 0; i < 2; i++) {
        #pragma omp parallel num_threads(2)
        #pragma omp masked
        #pragma omp parallel num_threads(2)
        {
        }
    }
    printf("two in each of two teams\n");
    #pragma omp teams num_teams(2)
    {
        #pragma omp parallel num_threads(2)
        {
        }
    }
    return 0;
}
