/*
 * spin: the workers compute without end, and without a call or an access to
 * memory, while thread 0 waits at a barrier. For interrupts and time limits;
 * "running" is printed first.
 */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>

int main(void)
{
    volatile uint32_t result = 0;
    printf("running\n");
    fflush(stdout);
    #pragma omp parallel num_threads(4)
    {
        if (omp_get_thread_num() != 0) {
            uint32_t state = 1u + (uint32_t)omp_get_thread_num();
            for (;;) {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                if (state == 0) /* which does not happen */
                    break;
            }
            result = state;
        }
        #pragma omp barrier
    }
    printf("not reached: %u\n", (unsigned)result);
    return 0;
}
