/*
 * sections: each section is executed once, by one thread of the team, and
 * there is a barrier at the end of the construct unless nowait says otherwise.
 */
#include "check.h"
#include <omp.h>

static void more_sections_than_threads(void)
{
    int count[10] = {0};
    #pragma omp parallel
    {
        #pragma omp sections
        {
            tick(&count[0]);
            #pragma omp section
            tick(&count[1]);
            #pragma omp section
            tick(&count[2]);
            #pragma omp section
            tick(&count[3]);
            #pragma omp section
            tick(&count[4]);
            #pragma omp section
            tick(&count[5]);
            #pragma omp section
            tick(&count[6]);
            #pragma omp section
            tick(&count[7]);
            #pragma omp section
            tick(&count[8]);
            #pragma omp section
            tick(&count[9]);
        }
        CHECK(all_equal(count, 10, 1));
    }
}

static void nowait_and_combined(void)
{
    int count[5] = {0}, first = 0, sum = 0;
    #pragma omp parallel
    for (int i = 0; i < 8; i++) {
        #pragma omp sections nowait
        {
            #pragma omp section
            tick(&count[0]);
            #pragma omp section
            tick(&count[1]);
        }
    }
    #pragma omp parallel sections private(first) reduction(+ : sum) num_threads(2)
    {
        #pragma omp section
        {
            first = 1;
            sum += first;
            tick(&count[2]);
        }
        #pragma omp section
        {
            first = 20;
            sum += first;
            tick(&count[3]);
        }
        #pragma omp section
        {
            first = 300;
            sum += first;
            tick(&count[4]);
        }
    }
    CHECK(count[0] == 8 && count[1] == 8);
    CHECK(all_equal(count + 2, 3, 1));
    CHECK(sum == 321 && first == 0);
}

int main(void)
{
    for (int round = 0; round < 20; round++) {
        more_sections_than_threads();
        nowait_and_combined();
    }
    return check_result("sections");
}
