/*
 * error_warning: the directive error with severity(warning) prints to standard
 * error when it is executed, and the program goes on.
 */
#include "check.h"

int main(void)
{
    int before = 0, after = 0, skipped = 0;
    tick(&before);
    #pragma omp error at(execution) severity(warning) message("this is a test of warnings")
    tick(&after);
    #pragma omp parallel
    {
        tick(&before);
        #pragma omp masked
        {
            #pragma omp error at(execution) severity(warning)
        }
        if (skipped) {
            #pragma omp error at(execution) severity(fatal) message("this is not executed")
        }
        tick(&after);
    }
    CHECK(before > 1 && before == after);
    return check_result("error_warning");
}
