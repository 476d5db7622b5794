/*
 * task_clauses: clauses of task and taskloop by themselves, each on a
 * construct that has no other effect than to count.
 */
#include "check.h"
#include <omp.h>

enum { N = 200 };

static void tasks(int *count)
{
    int own = 5;
    #pragma omp task mergeable shared(count)
    tick(count);
    #pragma omp task private(own) shared(count)
    {
        own = 3;
        tick(count);
        CHECK(own == 3);
    }
    #pragma omp task default(none) shared(count)
    tick(count);
    #pragma omp taskwait
    CHECK(own == 5);
}

static void taskloops(int *count, int yes)
{
    int own = 5;
    #pragma omp taskloop if(!yes) shared(count)
    for (int i = 0; i < N; i++)
        tick(count);
    #pragma omp taskloop final(yes) shared(count)
    for (int i = 0; i < N; i++) {
        CHECK(omp_in_final());
        tick(count);
    }
    #pragma omp taskloop untied shared(count)
    for (int i = 0; i < N; i++)
        tick(count);
    #pragma omp taskloop mergeable shared(count)
    for (int i = 0; i < N; i++)
        tick(count);
    #pragma omp taskloop private(own) shared(count)
    for (int i = 0; i < N; i++) {
        own = i;
        tick(count);
        CHECK(own == i);
    }
    CHECK(own == 5);
}

int main(void)
{
    int count = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        tasks(&count);
        taskloops(&count, omp_get_num_threads() > 0);
    }
    CHECK(count == 3 + 5 * N);
    return check_result("task_clauses");
}
