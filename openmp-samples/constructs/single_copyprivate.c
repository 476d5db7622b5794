/*
 * single_copyprivate: the private variables of the thread that executes the
 * single region are copied to those of the others.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

struct record {
    int64_t number;
    double value;
    char name[20];
};

static int shared_by_pointer[4];
static int local_to_thread;
#pragma omp threadprivate(local_to_thread)

int main(void)
{
    int runs = 0, threads = 0;

    #pragma omp parallel
    {
        tick(&threads);
        for (int round = 0; round < 50; round++) {
            int scalar = -omp_get_thread_num(), array[6] = {0}, *pointer = NULL;
            double real = 0;
            struct record record = {0};

            #pragma omp single copyprivate(scalar, array, pointer, real, record, local_to_thread)
            {
                tick(&runs);
                scalar = 10 * round;
                for (int i = 0; i < 6; i++)
                    array[i] = round + i;
                pointer = shared_by_pointer;
                real = 0.5 * round;
                record = (struct record){round, -real, "single"};
                local_to_thread = round + 7;
            }
            CHECK(scalar == 10 * round);
            for (int i = 0; i < 6; i++)
                CHECK(array[i] == round + i);
            CHECK(pointer == shared_by_pointer);
            CHECK(real == 0.5 * round);
            CHECK(record.number == round && record.value == -real && record.name[5] == 'e');
            CHECK(local_to_thread == round + 7);

            /* They are copies: a change stays with the thread. */
            scalar += omp_get_thread_num();
            #pragma omp barrier
            CHECK(scalar == 10 * round + omp_get_thread_num());
        }
    }
    CHECK(runs == 50 && threads == omp_get_max_threads());
    return check_result("single_copyprivate");
}
