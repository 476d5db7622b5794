/*
 * full_pipe: all threads print without end, until the output is closed (as by
 * "full_pipe | head -1"). The first failing write ends the program with exit
 * status 1.
 */
#include <omp.h>
#include <stdio.h>

#ifndef __wasi__
#include <signal.h>
#endif

int main(void)
{
#ifndef __wasi__
    signal(SIGPIPE, SIG_IGN); /* have writes fail instead */
#endif
    int failed = 0;
    #pragma omp parallel num_threads(4)
    for (;;) {
        int stop;
        #pragma omp atomic read
        stop = failed;
        if (stop)
            break;
        if (printf("a line from thread %d of %d\n", omp_get_thread_num(),
                   omp_get_num_threads()) < 0) {
            #pragma omp atomic write
            failed = 1;
        }
    }
    return 1;
}
