/*
 * task_reduction, in_reduction, and reduction with the modifier task: what
 * tasks contribute arrives once, whoever executes them.
 */
#include "check.h"
#include <omp.h>

enum { N = 200 };

struct range {
    int smallest, largest, count;
};

static void merge(struct range *into, const struct range *from)
{
    if (from->smallest < into->smallest)
        into->smallest = from->smallest;
    if (from->largest > into->largest)
        into->largest = from->largest;
    into->count += from->count;
}

#pragma omp declare reduction(merge : struct range : merge(&omp_out, &omp_in)) \
    initializer(omp_priv = (struct range){1000000, -1000000, 0})

/* The initial value depends on the original variable. */
#pragma omp declare reduction(above : long : omp_out += omp_in - 100) initializer(omp_priv = omp_orig - omp_orig + 100)

static void add(struct range *range, int value)
{
    const struct range one = {value, value, 1};
    merge(range, &one);
}

static void test_taskgroup(void)
{
    int sum = 5, product = 1, mask = 0;
    double array[4] = {1, 2, 3, 4};
    long sums[10] = {0};
    struct range range = {3, 3, 1};
    #pragma omp parallel num_threads(4)
    #pragma omp single
    {
        #pragma omp taskgroup task_reduction(+ : sum, array) task_reduction(* : product) task_reduction(| : mask) \
            task_reduction(merge : range) task_reduction(+ : sums[2 : 5])
        for (int i = 0; i < N; i++) {
            #pragma omp task in_reduction(+ : sum) in_reduction(+ : array)
            {
                sum += i;
                array[i % 4] += 1;
            }
            if (i < 5) {
                #pragma omp task in_reduction(* : product) in_reduction(| : mask)
                {
                    product *= 2;
                    mask |= 1 << i;
                }
            }
            #pragma omp task in_reduction(merge : range) in_reduction(+ : sums[2 : 5])
            {
                add(&range, i % 2 ? i : -i);
                sums[2 + i % 5]++;
            }
        }
        CHECK(sum == 5 + N * (N - 1) / 2 && product == 32 && mask == 31);
        CHECK(array[0] == 51 && array[1] == 52 && array[2] == 53 && array[3] == 54);
        CHECK(range.smallest == 2 - N && range.largest == N - 1 && range.count == N + 1);
        CHECK(sums[1] == 0 && sums[2] == N / 5 && sums[6] == N / 5 && sums[7] == 0);
    }
}

/* The tasks that take part may be descendants, and need not see the taskgroup. */
static int total;

static void descend(int depth)
{
    #pragma omp task in_reduction(+ : total)
    {
        total++;
        for (int i = 0; i < 2 && depth > 0; i++)
            descend(depth - 1);
    }
}

static void test_descendants(void)
{
    int count = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        #pragma omp taskgroup task_reduction(+ : count)
        {
            #pragma omp task in_reduction(+ : count)
            {
                count++;
                for (int i = 0; i < 10; i++) {
                    #pragma omp task in_reduction(+ : count)
                    {
                        count++;
                        #pragma omp taskloop in_reduction(+ : count) nogroup
                        for (int j = 0; j < 10; j++)
                            count++;
                    }
                }
            }
        }
        CHECK(count == 1 + 10 + 100);
        total = 1000;
        #pragma omp taskgroup task_reduction(+ : total)
        descend(5);
        CHECK(total == 1063);
    }
}

/* One inside of another, on the same variable and on others. */
static void test_nested(void)
{
    int outer = 0, inner = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        #pragma omp taskgroup task_reduction(+ : outer)
        {
            #pragma omp task in_reduction(+ : outer)
            outer += 1;
            #pragma omp taskgroup task_reduction(+ : inner)
            {
                for (int i = 0; i < N; i++) {
                    #pragma omp task in_reduction(+ : outer, inner)
                    {
                        outer += 2;
                        inner += 3;
                    }
                }
            }
            CHECK(inner == 3 * N);
            #pragma omp task in_reduction(+ : outer)
            outer += 1;
        }
        CHECK(outer == 2 * N + 2);
    }
}

/* Implicit tasks take part, too. */
static void test_parallel(void)
{
    for (int round = 0; round < 10; round++) {
        int sum = 1, team = 0;
        struct range range = {7, 7, 1};
        #pragma omp parallel num_threads(4) reduction(task, + : sum) reduction(task, merge : range) shared(team)
        {
            const int me = omp_get_thread_num();
            tick(&team);
            sum += 1;
            for (int i = 0; i < 10; i++) {
                #pragma omp task in_reduction(+ : sum) in_reduction(merge : range)
                {
                    sum += 10;
                    add(&range, 10 * me + i);
                }
            }
            sum += 1;
        }
        CHECK(sum == 1 + 102 * team);
        CHECK(range.smallest == 0 && range.largest == (team == 1 ? 9 : 10 * team - 1) && range.count == 10 * team + 1);
    }
}

/* A barrier inside waits for the tasks so far. */
static void test_barrier(void)
{
    int sum = 0;
    #pragma omp parallel num_threads(4) reduction(task, + : sum)
    {
        static int done, team;
        #pragma omp single
        {
            done = 0;
            team = omp_get_num_threads();
        }
        for (int i = 0; i < 5; i++) {
            #pragma omp task in_reduction(+ : sum)
            {
                sum++;
                tick(&done);
            }
        }
        #pragma omp barrier
        CHECK(done == 5 * team);
        #pragma omp barrier
    }
    CHECK(sum % 5 == 0 && sum >= 5);
}

static void test_worksharing(void)
{
    int sum = 0, chunks = 0, parts = 1;
    long over = 3;
    #pragma omp parallel num_threads(4)
    {
        for (int round = 0; round < 3; round++) {
            #pragma omp for reduction(task, + : sum)
            for (int i = 0; i < N; i++) {
                #pragma omp task in_reduction(+ : sum)
                sum += i;
                sum += 1;
            }
            #pragma omp for reduction(task, + : chunks) schedule(dynamic, 3)
            for (int i = 0; i < N; i++) {
                #pragma omp task in_reduction(+ : chunks)
                chunks += i;
            }
            #pragma omp sections reduction(task, * : parts)
            {
                #pragma omp section
                {
                    #pragma omp task in_reduction(* : parts)
                    parts *= 2;
                }
                #pragma omp section
                parts *= 3;
            }
        }
    }
    CHECK(sum == 3 * (N * (N - 1) / 2 + N) && chunks == 3 * (N * (N - 1) / 2) && parts == 216);
    #pragma omp parallel for num_threads(3) reduction(task, above : over)
    for (int i = 0; i < N; i++) {
        #pragma omp task in_reduction(above : over)
        over += 2;
        over += 1;
    }
    CHECK(over == 3 + 3 * N);
}

static void test_taskloop(void)
{
    int sum = 100, both = 0;
    struct range range = {0, 0, 0};
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        #pragma omp taskloop reduction(+ : sum) reduction(merge : range) grainsize(3)
        for (int i = 1; i <= N; i++) {
            sum += i;
            add(&range, i);
        }
        CHECK(sum == 100 + N * (N + 1) / 2 && range.smallest == 0 && range.largest == N && range.count == N);
        #pragma omp taskgroup task_reduction(+ : both)
        {
            #pragma omp taskloop in_reduction(+ : both) nogroup
            for (int i = 0; i < N; i++)
                both++;
            #pragma omp taskloop in_reduction(+ : both)
            for (int i = 0; i < N; i++)
                both++;
            #pragma omp task in_reduction(+ : both)
            both++;
        }
        CHECK(both == 2 * N + 1);
    }
}

/* A parallel region of one thread in a task that takes part. */
static void test_alone(void)
{
    int sum = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    #pragma omp taskgroup task_reduction(+ : sum)
    for (int i = 0; i < N; i++) {
        #pragma omp task in_reduction(+ : sum)
        {
            int *mine = &sum;
            #pragma omp parallel if(0)
            *mine += 1;
        }
    }
    CHECK(sum == N);
    #pragma omp taskgroup task_reduction(+ : sum)
    {
        #pragma omp task in_reduction(+ : sum)
        sum++;
    }
    CHECK(sum == N + 1);
}

/* A target task takes part, too; here on the host. */
static void test_target(void)
{
    int sum = 1;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    #pragma omp taskgroup task_reduction(+ : sum)
    {
        #pragma omp target in_reduction(+ : sum) if(0)
        sum += 3;
        #pragma omp task in_reduction(+ : sum)
        sum += 4;
    }
    CHECK(sum == 8);
}

int main(void)
{
    test_target();
    test_taskgroup();
    test_descendants();
    test_nested();
    test_parallel();
    test_barrier();
    test_worksharing();
    test_taskloop();
    test_alone();
    return check_result("task_reduction");
}
