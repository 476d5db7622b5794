/*
 * depobj: a dependence that is kept in a variable; tasks and other depobjs are
 * given it, and it is changed and destroyed.
 */
#include "check.h"
#include <omp.h>

enum { N = 30 };

int main(void)
{
    int a = 0, b = 0, seen = 0, cells[4] = {0};
    omp_depend_t object, reader, list;
    #pragma omp depobj(object) depend(inout : a)
    #pragma omp depobj(reader) depend(in : a)
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        for (int i = 0; i < N; i++) {
            #pragma omp task depend(depobj : object) shared(a, seen)
            {
                CHECK(a == i && seen == 2 * i);
                a = i + 1;
            }
            for (int j = 0; j < 2; j++) {
                #pragma omp task depend(depobj : reader) shared(a, seen)
                {
                    CHECK(a == i + 1);
                    tick(&seen);
                }
            }
        }
        #pragma omp taskwait depend(depobj : object)
        CHECK(a == N && seen == 2 * N);
        /* With another one beside it, on another variable. */
        for (int i = 0; i < N; i++) {
            #pragma omp task depend(depobj : object) depend(out : b) shared(a, b)
            {
                CHECK(a == N + i && b == i);
                a++;
                b++;
            }
        }
        #pragma omp taskwait
        CHECK(a == 2 * N && b == N);
    }
    #pragma omp depobj(object) update(in)
    #pragma omp depobj(reader) update(mutexinoutset)
    int busy = 0, done = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        for (int i = 0; i < N; i++) {
            #pragma omp task depend(depobj : reader) shared(busy, done)
            {
                CHECK(tick(&busy) == 0);
                busy = 0;
                tick(&done);
            }
        }
        #pragma omp task depend(depobj : object) shared(done)
        CHECK(done == N);
    }
    #pragma omp depobj(list) depend(iterator(k = 0 : 4), out : cells[k])
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        for (int i = 0; i < 4; i++) {
            #pragma omp task depend(out : cells[i]) shared(cells)
            cells[i] = 1;
        }
        #pragma omp task depend(depobj : list) shared(cells)
        CHECK(all_equal(cells, 4, 1));
    }
    #pragma omp depobj(list) destroy
    #pragma omp depobj(object) destroy
    #pragma omp depobj(reader) destroy
    return check_result("task_depobj");
}
