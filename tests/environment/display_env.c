// What OMP_DISPLAY_ENV and omp_display_env show: the initial values, whatever the program has changed since.
//
// RUN: OMP_NUM_THREADS=3 -- --procs 4
// RUN: OMP_DISPLAY_ENV=true OMP_NUM_THREADS=3,2 OMP_SCHEDULE=monotonic:dynamic,7 OMP_PROC_BIND=close,master OMP_PLACES={0} OMP_CANCELLATION=true OMP_MAX_TASK_PRIORITY=4 OMP_DISPLAY_AFFINITY=false OMP_AFFINITY_FORMAT=%n OMP_STACKSIZE=1M OMP_NUM_TEAMS=2 OMP_TEAMS_THREAD_LIMIT=3 OMP_THREAD_LIMIT=6 OMP_DEFAULT_DEVICE=1 OMP_TARGET_OFFLOAD=disabled OMP_WAIT_POLICY=passive OMP_DYNAMIC=true OMP_TOOL=enabled -- --procs 4
// RUN: OMP_NUM_THREADS=0 OMP_SCHEDULE=often OMP_PROC_BIND=yes OMP_DYNAMIC=2 OMP_MAX_TASK_PRIORITY=-1 OMP_CANCELLATION=x OMP_THREAD_LIMIT=0 OMP_NUM_TEAMS=0 OMP_STACKSIZE=0 -- --procs 4
#include <omp.h>

int main(void)
{
    omp_set_num_threads(9);
    omp_set_num_teams(9);
    omp_set_affinity_format("changed");
    omp_display_env(1);
    return 0;
}
