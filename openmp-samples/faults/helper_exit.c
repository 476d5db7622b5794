/*
 * helper_exit: a target task ends the program with exit(7), when main has
 * returned and the program waits for its last tasks.
 */
#include <stdio.h>
#include <stdlib.h>

static int returned;

static void leave(void)
{
    int seen;
    do {
        #pragma omp atomic read
        seen = returned;
    } while (!seen);
    exit(7);
}

int main(void)
{
    printf("before\n");
    fflush(stdout);
    #pragma omp target nowait map(tofrom : returned)
    leave();
    #pragma omp atomic write
    returned = 1;
    return 0;
}
