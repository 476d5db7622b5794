/*
 * taskloop: each iteration is executed once, by a task, in tasks of the sizes
 * that grainsize and num_tasks allow.
 */
#include "check.h"
#include <limits.h>
#include <omp.h>
#include <stdint.h>

enum { N = 1000 };

static int counts[N];

static void clear(void)
{
    for (int i = 0; i < N; i++)
        counts[i] = 0;
}

/* A loop that counts each of its iterations, and is expected to have n. */
#define EXACT(n, taskloop, loop, index)                                        \
    do {                                                                       \
        clear();                                                               \
        _Pragma("omp parallel num_threads(3)") _Pragma("omp single")           \
        {                                                                      \
            _Pragma(#taskloop) for (loop)                                      \
            {                                                                  \
                CHECK((uint64_t)(index) < N);                                  \
                tick(&counts[(index)]);                                        \
            }                                                                  \
            CHECK(all_equal(counts, n, 1) && all_equal(counts + (n), N - (n), 0)); \
        }                                                                      \
    } while (0)

/* Types and directions of the loop variable, and bounds at the ends of its type. */
static void test_loops(void)
{
    EXACT(N, omp taskloop, int i = 0; i < N; i++, i);
    EXACT(N, omp taskloop grainsize(7), int i = N; i > 0; i--, i - 1);
    EXACT(N, omp taskloop num_tasks(7), unsigned i = 0; i < N; i++, i);
    EXACT(334, omp taskloop, int i = 0; i < N; i += 3, i / 3);
    EXACT(143, omp taskloop, int i = N - 1; i >= 0; i -= 7, (N - 1 - i) / 7);
    EXACT(100, omp taskloop, long long i = -50; i < 50; i++, i + 50);
    EXACT(10, omp taskloop, uint64_t i = UINT64_MAX - 10; i < UINT64_MAX; i++, i - (UINT64_MAX - 10));
    EXACT(5, omp taskloop, int64_t i = INT64_MIN + 10; i > INT64_MIN; i -= 2, (INT64_MIN + 10 - i) / 2);
    EXACT(3, omp taskloop, unsigned i = UINT_MAX - 1; i > UINT_MAX - 4; i--, UINT_MAX - 1 - i);
    EXACT(1, omp taskloop, int i = 5; i < 6; i++, i - 5);
    EXACT(0, omp taskloop, int i = 5; i < 5; i++, i);
    EXACT(0, omp taskloop, int i = 5; i < -5; i++, i);
    EXACT(0, omp taskloop, unsigned i = 5; i < 5; i++, i);
    EXACT(0, omp taskloop, unsigned i = 5; i > 7; i--, i);
    EXACT(N, omp taskloop if(0), int i = 0; i < N; i++, i);
    EXACT(N, omp taskloop final(1), int i = 0; i < N; i++, i);
    EXACT(N, omp taskloop priority(3), int i = 0; i < N; i++, i);
    EXACT(N, omp taskloop untied mergeable, int i = 0; i < N; i++, i);
}

static void test_simd(void)
{
    clear();
    int sum = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        #pragma omp taskloop simd grainsize(10)
        for (int i = 0; i < N; i++)
            counts[i]++;
        #pragma omp taskloop simd reduction(+ : sum) collapse(2)
        for (int i = 0; i < N / 10; i++)
            for (int j = 0; j < 10; j++)
                sum += counts[10 * i + j];
    }
    CHECK(all_equal(counts, N, 1) && sum == N);
}

/* Whichever task executes an iteration has a begin of its own in `first`, a private variable. */
static int tasks_of(int grainsize, int num_tasks, int *smallest, int *largest)
{
    static int sizes[N];
    for (int i = 0; i < N; i++)
        sizes[i] = 0;
    int first = -1, tasks = 0;
    if (grainsize != 0) {
        #pragma omp taskloop grainsize(grainsize) firstprivate(first)
        for (int i = 0; i < N; i++) {
            first = first < 0 ? i : first;
            tick(&sizes[first]);
        }
    } else {
        #pragma omp taskloop num_tasks(num_tasks) firstprivate(first)
        for (int i = 0; i < N; i++) {
            first = first < 0 ? i : first;
            tick(&sizes[first]);
        }
    }
    *smallest = N, *largest = 0;
    for (int i = 0; i < N; i++) {
        if (sizes[i] == 0)
            continue;
        tasks++;
        *smallest = sizes[i] < *smallest ? sizes[i] : *smallest;
        *largest = sizes[i] > *largest ? sizes[i] : *largest;
    }
    return tasks;
}

static void test_sizes(void)
{
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        int smallest, largest;
        for (int grainsize = 1; grainsize < N; grainsize += 37) {
            tasks_of(grainsize, 0, &smallest, &largest);
            CHECK(smallest >= grainsize && largest < 2 * grainsize);
        }
        CHECK(tasks_of(N, 0, &smallest, &largest) == 1);
        CHECK(tasks_of(2 * N, 0, &smallest, &largest) == 1);
        for (int num_tasks = 1; num_tasks <= N; num_tasks += 37)
            CHECK(tasks_of(0, num_tasks, &smallest, &largest) == num_tasks);
        CHECK(tasks_of(0, N, &smallest, &largest) == N);
        CHECK(tasks_of(0, 2 * N, &smallest, &largest) == N);
    }
}

static void test_data(void)
{
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        int last = -1, given = 41, sum = 0, product = 1, biggest = -1;
        double vector[3] = {1, 2, 3};
        #pragma omp taskloop lastprivate(last) firstprivate(given) grainsize(9)
        for (int i = 0; i < N; i++) {
            CHECK(given == 41 || given == 42);
            given = 42;
            last = i;
        }
        CHECK(last == N - 1 && given == 41);
        #pragma omp taskloop reduction(+ : sum) reduction(max : biggest) reduction(+ : vector) grainsize(9)
        for (int i = 0; i < N; i++) {
            sum += i;
            biggest = i > biggest ? i : biggest;
            vector[i % 3] += 1;
        }
        CHECK(sum == N * (N - 1) / 2 && biggest == N - 1);
        CHECK(vector[0] == 1 + 334 && vector[1] == 2 + 333 && vector[2] == 3 + 333);
        #pragma omp taskloop reduction(* : product) num_tasks(5)
        for (int i = 1; i <= 5; i++)
            product *= i;
        CHECK(product == 120);
    }
}

static void test_collapse(void)
{
    clear();
    int last_i = 0, last_j = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    #pragma omp taskloop collapse(2) grainsize(3) lastprivate(last_i, last_j)
    for (int i = 0; i < 20; i++)
        for (unsigned j = 50; j > 0; j -= 2) {
            tick(&counts[25 * i + j / 2 - 1]);
            last_i = i, last_j = (int)j;
        }
    CHECK(all_equal(counts, 500, 1) && all_equal(counts + 500, N - 500, 0));
    CHECK(last_i == 19 && last_j == 2);
}

/* Without nogroup the loop has a taskgroup around it, with it the tasks are there until taskwait. */
static void test_nogroup(void)
{
    clear();
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        int grandchildren = 0;
        #pragma omp taskloop grainsize(10) shared(grandchildren)
        for (int i = 0; i < N; i++) {
            #pragma omp task shared(grandchildren)
            tick(&grandchildren);
        }
        CHECK(grandchildren == N);
        #pragma omp taskloop nogroup
        for (int i = 0; i < N; i++)
            tick(&counts[i]);
        #pragma omp taskwait
        CHECK(all_equal(counts, N, 1));
        #pragma omp taskgroup
        {
            #pragma omp taskloop nogroup num_tasks(3)
            for (int i = 0; i < N; i++) {
                #pragma omp taskloop nogroup
                for (int j = 0; j < 1; j++)
                    tick(&counts[i]);
            }
        }
        CHECK(all_equal(counts, N, 2));
    }
}

/* Combined constructs, and a loop outside of all parallel regions. */
static void test_combined(void)
{
    clear();
    int sum = 0;
    #pragma omp parallel master taskloop num_threads(3) reduction(+ : sum)
    for (int i = 0; i < N; i++) {
        tick(&counts[i]);
        sum += i;
    }
    CHECK(all_equal(counts, N, 1) && sum == N * (N - 1) / 2);
    #pragma omp parallel master taskloop simd num_threads(3) /* clang 19 makes nothing of masked taskloop */
    for (int i = 0; i < N; i++)
        counts[i]++;
    CHECK(all_equal(counts, N, 2));
    #pragma omp parallel num_threads(3)
    #pragma omp master taskloop
    for (int i = 0; i < N; i++)
        tick(&counts[i]);
    CHECK(all_equal(counts, N, 3));
    #pragma omp taskloop grainsize(10)
    for (int i = 0; i < N; i++)
        counts[i]++;
    CHECK(all_equal(counts, N, 4));
}

/* Private variables whose memory an allocator provides. */
static void test_allocate(void)
{
    int value = 5, right = 0, sum = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        #pragma omp taskloop firstprivate(value) allocate(omp_default_mem_alloc : value) grainsize(7)
        for (int i = 0; i < N; i++) {
            value++;
            __atomic_fetch_add(&right, value > 5 && value <= 5 + 13, __ATOMIC_RELAXED);
        }
        #pragma omp taskgroup task_reduction(+ : sum) allocate(omp_default_mem_alloc : sum)
        {
            #pragma omp task in_reduction(+ : sum)
            sum += 2;
            #pragma omp task in_reduction(+ : sum)
            sum += 3;
        }
    }
    CHECK(right == N && sum == 5);
}

int main(void)
{
    test_allocate();
    test_loops();
    test_simd();
    test_sizes();
    test_data();
    test_collapse();
    test_nogroup();
    test_combined();
    return check_result("taskloop");
}
