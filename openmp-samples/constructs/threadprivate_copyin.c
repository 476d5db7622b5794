/*
 * threadprivate_copyin: variables of which each thread has its own, that keep
 * their values from one region to the next, and that copyin sets.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

static int counter = 5;
static int64_t table[50];
static double value = 1.5;
static struct { int number; char text[12]; } record = {3, "initial"};
#pragma omp threadprivate(counter, table, value, record)

/* A threadprivate variable with the lifetime of the program, in a function. */
static int next_local(void)
{
    static int local = 100;
    #pragma omp threadprivate(local)
    return local++;
}

static int *address[64];

int main(void)
{
    omp_set_dynamic(0);

    #pragma omp parallel
    {
        CHECK(counter == 5 && value == 1.5 && record.number == 3 && record.text[6] == 'l');
        CHECK(next_local() == 100);
        counter = 10 * omp_get_thread_num();
        for (int i = 0; i < 50; i++)
            table[i] = counter + i;
        if (omp_get_thread_num() < 64)
            address[omp_get_thread_num()] = &counter;
    }
    CHECK(counter == 0); /* that of the primary thread */

    for (int i = 0; i < omp_get_max_threads() && i < 64; i++)
        for (int j = 0; j < i; j++)
            CHECK(address[i] != address[j]);

    for (int round = 1; round < 20; round++) {
        #pragma omp parallel
        {
            CHECK(counter == 10 * omp_get_thread_num() + round - 1);
            CHECK(next_local() == 100 + round);
            counter++;
            for (int i = 0; i < 50; i++)
                CHECK(table[i] == 10 * omp_get_thread_num() + i);
        }
    }

    counter = 77;
    value = -2.25;
    record.number = 12;
    record.text[0] = 'I';
    for (int i = 0; i < 50; i++)
        table[i] = INT64_C(1) << i;
    #pragma omp parallel copyin(counter, table, value, record)
    {
        CHECK(counter == 77 && value == -2.25);
        CHECK(record.number == 12 && record.text[0] == 'I' && record.text[1] == 'n');
        for (int i = 0; i < 50; i++)
            CHECK(table[i] == INT64_C(1) << i);
        #pragma omp barrier
        counter += omp_get_thread_num();
    }
    #pragma omp parallel
    CHECK(counter == 77 + omp_get_thread_num());
    return check_result("threadprivate_copyin");
}
