/*
 * helper_left: the program exits while one target task does not end, and
 * others wait for their turn or for it.
 */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int begun = 0, seen, ended = 0;
    printf("before\n");
    fflush(stdout);
    #pragma omp target nowait map(tofrom : begun, ended) depend(out : ended)
    {
        #pragma omp atomic write
        begun = 1;
        do {
            #pragma omp atomic read
            seen = ended;
        } while (!seen);
    }
    for (int i = 0; i < 10; i++) {
        #pragma omp target nowait map(tofrom : ended) depend(inout : ended)
        ended = i;
        #pragma omp target nowait
        printf("%s", "");
    }
    do {
        #pragma omp atomic read
        seen = begun;
    } while (!seen);
    exit(3);
}
