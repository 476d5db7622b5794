// error at(execution): a warning, and an error that ends the program, with their source lines.
//
// CC: -fopenmp-version=52
// RUN: -- --threads 2
// EXIT: 134
#include <omp.h>
#include <stdio.h>

int main(void)
{
    #pragma omp error at(execution) severity(warning) message("the water gets cold")
    #pragma omp error at(execution) severity(warning)
    #pragma omp parallel
    {
        #pragma omp masked
        {
            #pragma omp error at(execution) severity(warning) message("from a region")
        }
    }
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel
    {
        #pragma omp error at(execution) message("the pipe has burst")
    }
    printf("not reached\n");
    return 0;
}
