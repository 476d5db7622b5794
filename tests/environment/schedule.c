// OMP_SCHEDULE, as omp_get_schedule tells it: the chunk size is 1 where the schedule has one and the variable has none.
//
// RUN: OMP_SCHEDULE=static
// RUN: OMP_SCHEDULE=static,4
// RUN: OMP_SCHEDULE=dynamic
// RUN: OMP_SCHEDULE=DYNAMIC,3
// RUN: OMP_SCHEDULE=monotonic:dynamic
// RUN: OMP_SCHEDULE=nonmonotonic:dynamic
// RUN: OMP_SCHEDULE=monotonic:dynamic,5
// RUN: OMP_SCHEDULE=+Monotonic:+guided+,+6+
// RUN: OMP_SCHEDULE=monotonic:guided
// RUN: OMP_SCHEDULE=nonmonotonic:guided
// RUN: OMP_SCHEDULE=guided
// RUN: OMP_SCHEDULE=auto
// RUN: OMP_SCHEDULE=monotonic:static
// RUN: OMP_SCHEDULE=dynamic,99999999999
// RUN: OMP_SCHEDULE=dynamic,0
// RUN: OMP_SCHEDULE=dynamic,-1
// RUN: OMP_SCHEDULE=dynamic,3x
// RUN: OMP_SCHEDULE=statically
#include <omp.h>
#include <stdio.h>

int main(void)
{
    static const char *const names[] = {"", "static", "dynamic", "guided", "auto"};
    omp_sched_t kind;
    int chunk;
    omp_get_schedule(&kind, &chunk);
    printf("%s%s,%d\n", (int)kind < 0 ? "monotonic:" : "", names[kind & 7], chunk);
    return 0;
}
