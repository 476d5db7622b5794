/*
 * firstprivate_lastprivate: private copies that start with the original's
 * value, and originals that get the value of the sequentially last iteration
 * or section.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

#define PRAGMA(text) _Pragma(#text)
struct record { int64_t a; double b; char c[9]; };
enum { N = 100 };

/*
 * LLVM 19's libomp lets a thread that has had the last iteration steal an
 * earlier one afterwards, whose value then replaces the last one's.
 */
#if defined(__clang__) && !defined(__wasm__)
#define NATIVE_LIBOMP 1
#else
#define NATIVE_LIBOMP 0
#endif

#define LAST(schedule_clause)                                                       \
    do {                                                                            \
        int last = -1, both = 40, index = -7;                                       \
        double array[3] = {0};                                                      \
        struct record record = {0};                                                 \
        PRAGMA(omp parallel)                                                        \
        {                                                                           \
            PRAGMA(omp for schedule_clause lastprivate(last, array, record, index)  \
                   firstprivate(both) lastprivate(both))                            \
            for (index = 0; index < N; index++) {                                   \
                CHECK(both >= 40);                                                  \
                last = index * index;                                               \
                both = 1000 + index;                                                \
                array[1] = 0.5 * index;                                             \
                record.a = -index;                                                  \
                record.c[8] = (char)index;                                          \
            }                                                                       \
            CHECK(last == (N - 1) * (N - 1));                                       \
        }                                                                           \
        CHECK(last == (N - 1) * (N - 1) && both == 1000 + N - 1 && index == N);     \
        CHECK(array[1] == 0.5 * (N - 1) && record.a == 1 - N && record.c[8] == N - 1); \
    } while (0)

static void test_firstprivate(void)
{
    int number = 3, array[6] = {1, 2, 3, 4, 5, 6};
    int64_t wide = INT64_C(1) << 40;
    struct record record = {7, 0.5, "record"};

    #pragma omp parallel firstprivate(number, array, wide, record)
    {
        CHECK(number == 3 && array[5] == 6 && wide == INT64_C(1) << 40);
        CHECK(record.a == 7 && record.b == 0.5 && record.c[5] == 'd');
        number += omp_get_thread_num();
        array[5] = number;
        wide = -number;
        record.a = number;
        #pragma omp barrier
        CHECK(number == 3 + omp_get_thread_num() && array[5] == number && wide == -number);
        CHECK(record.a == number);
    }
    CHECK(number == 3 && array[5] == 6 && wide == INT64_C(1) << 40 && record.a == 7);
}

static void test_private(void)
{
    int number = 3;
    #pragma omp parallel private(number)
    {
        number = omp_get_thread_num();
        #pragma omp barrier
        CHECK(number == omp_get_thread_num());
    }
    CHECK(number == 3);
}

static void test_sections(void)
{
    int last = -1, from = 10;
    #pragma omp parallel sections lastprivate(last) firstprivate(from)
    {
        #pragma omp section
        last = from + 1;
        #pragma omp section
        last = from + 2;
        #pragma omp section
        last = from + 3;
    }
    CHECK(last == 13 && from == 10);
}

int main(void)
{
    for (int round = 0; round < 10; round++) {
        LAST(schedule(static));
        LAST(schedule(static, 3));
        LAST(schedule(monotonic : dynamic));
        LAST(schedule(monotonic : dynamic, 7));
#if !NATIVE_LIBOMP
        LAST(schedule(dynamic));
        LAST(schedule(dynamic, 7));
#endif
        LAST(schedule(guided));
        LAST(schedule(runtime));
        LAST(ordered);
        test_firstprivate();
        test_private();
        test_sections();
    }

    /* Of collapsed loops the last iteration of all counts. */
    int last = 0;
    #pragma omp parallel for collapse(2) lastprivate(last)
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 7; j++)
            last = 10 * i + j;
    CHECK(last == 56);
    return check_result("firstprivate_lastprivate");
}
