/* target_tasks: explicit tasks in target regions. On a device, who generates a task executes it at once. */
#include "../constructs/check.h"
#include <omp.h>

enum { N = 200, THREADS = 16 };

static int a[N], b[N], count[THREADS];

struct node {
    int value;
    struct node *next;
};

static struct node nodes[N];

static void clear(void)
{
    for (int i = 0; i < N; i++)
        a[i] = b[i] = 0;
}

/* One thread generates tasks for all; what they share is the region's, the team's, or the thread's. */
static void in_a_team(void)
{
    int sum = 0, seen = 0;
    clear();
    #pragma omp target parallel num_threads(THREADS) map(tofrom : a, b, sum, seen)
    {
        int own = 0;
        #pragma omp single
        {
            for (int i = 0; i < N; i++) {
                int twice = 2 * i;
                #pragma omp task shared(own) firstprivate(i) if (i % 3 != 0) depend(inout : own)
                {
                    a[i] = twice++;
                    own += twice - 2 * i;
                    #pragma omp task firstprivate(twice) priority(i)
                    b[i] = twice;
                    #pragma omp atomic
                    sum += i;
                }
            }
            #pragma omp taskwait
            seen = own;
        }
        #pragma omp barrier
        #pragma omp for
        for (int i = 0; i < N; i++)
            a[i] += seen;
    }
    CHECK(seen == N && sum == N * (N - 1) / 2);
    for (int i = 0; i < N; i++)
        CHECK(a[i] == 2 * i + N && b[i] == 2 * i + 1);
}

/* Each thread has tasks of its own. */
static void of_each_thread(void)
{
    for (int t = 0; t < THREADS; t++)
        count[t] = 0;
    int threads = 0;
    #pragma omp target parallel num_threads(THREADS) map(tofrom : count, threads)
    {
        int t = omp_get_thread_num(), mine = 0, ticks = 0;
        for (int i = 0; i <= t; i++) {
            #pragma omp task shared(mine, ticks) untied depend(inout : mine)
            {
                mine += i + 1;
                #pragma omp atomic
                ticks++;
            }
        }
        #pragma omp taskwait
        count[t] = ticks == t + 1 ? mine : -1;
        if (t == 0)
            threads = omp_get_num_threads();
    }
    for (int t = 0; t < THREADS; t++)
        CHECK(count[t] == (t < threads ? (t + 1) * (t + 2) / 2 : 0));
}

/* Serial code: dependences and exclusion. */
static void serial(void)
{
    int x = 0, order = 0, total = 0;
    clear();
    #pragma omp target map(tofrom : a, x, order, total)
    {
        #pragma omp taskgroup
        {
            #pragma omp task depend(out : x) shared(x)
            x = 1;
            #pragma omp task depend(in : x) shared(x, order)
            order = order * 10 + x;
            #pragma omp task depend(inout : x) shared(x) final(x > 0)
            {
                x++;
                #pragma omp taskyield
                x++;
            }
            #pragma omp task depend(in : x) shared(x, order) if (0)
            order = order * 10 + x;
            for (int i = 0; i < 4; i++) {
                #pragma omp task depend(mutexinoutset : total) shared(total) affinity(a[i])
                total += i;
            }
            #pragma omp taskwait depend(in : x)
        }
    }
    CHECK(x == 3 && order == 13 && total == 6);
}

static void parallel_in_a_task(void)
{
    clear();
    #pragma omp target map(tofrom : a)
    {
        #pragma omp task shared(a) mergeable
        {
            #pragma omp parallel for
            for (int i = 0; i < N; i++)
                a[i] = i;
        }
        #pragma omp taskwait
    }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == i);
}

static void walk(struct node *first)
{
    for (struct node *at = first; at != 0; at = at->next) {
        #pragma omp task firstprivate(at)
        {
            at->value *= 3;
            #pragma omp critical
            nodes[0].value++;
        }
    }
    #pragma omp taskwait
}

/* Tasks of functions that are called, by a thread and by a team. */
static void in_functions(void)
{
    for (int i = 0; i < N; i++)
        nodes[i] = (struct node){i, i + 1 < N ? &nodes[i + 1] : 0};
    #pragma omp target map(tofrom : nodes)
    {
        #pragma omp parallel num_threads(4)
        {
            #pragma omp master
            walk(&nodes[1]);
        }
    }
    CHECK(nodes[0].value == N - 1);
    for (int i = 1; i < N; i++)
        CHECK(nodes[i].value == 3 * i);
}

/* In the loops of a league and of a team. */
static void in_loops(void)
{
    clear();
    #pragma omp target teams distribute parallel for map(tofrom : a)
    for (int i = 0; i < N; i++) {
        int square = 0;
        #pragma omp task shared(square)
        square = i * i;
        #pragma omp taskwait
        a[i] = square;
    }
    #pragma omp target teams distribute map(tofrom : b)
    for (int i = 0; i < N; i++) {
        #pragma omp task shared(b) firstprivate(i)
        b[i] = 7 * i;
    }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == i * i && b[i] == 7 * i);
}

/* One task or another, with the same call for compilers that see that. */
static void one_of_two(int limit)
{
    int small = 0, large = 0;
    clear();
    #pragma omp target parallel num_threads(THREADS) map(tofrom : a, b, small, large)
    {
        #pragma omp for
        for (int i = 0; i < N; i++) {
            if (i < limit) {
                #pragma omp task firstprivate(i) shared(a, small)
                {
                    a[i] = i;
                    #pragma omp atomic
                    small++;
                }
            } else {
                #pragma omp task firstprivate(i) shared(b, large)
                {
                    b[i] = -i;
                    #pragma omp atomic
                    large += 2;
                }
            }
        }
    }
    CHECK(small == limit && large == 2 * (N - limit));
    for (int i = 0; i < N; i++)
        CHECK(a[i] == (i < limit ? i : 0) && b[i] == (i < limit ? 0 : -i));
}

/* Reductions over tasks: of a taskgroup, of a taskloop, of a parallel region and of a loop. */
static void reductions(void)
{
    int sum = 1, most = -1, loop = 2, parallel = 3, shared = 4, threads = 0;
    for (int i = 0; i < N; i++)
        a[i] = i;
    #pragma omp target map(to : a) map(tofrom : sum, most, loop)
    {
        #pragma omp taskgroup task_reduction(+ : sum) task_reduction(max : most)
        {
            for (int i = 0; i < N; i++) {
                #pragma omp task in_reduction(+ : sum) in_reduction(max : most) firstprivate(i)
                {
                    sum += a[i];
                    most = a[i] > most ? a[i] : most;
                }
            }
        }
        #pragma omp taskloop reduction(+ : loop) grainsize(8)
        for (int i = 0; i < N; i++)
            loop += a[i];
    }
    CHECK(sum == 1 + N * (N - 1) / 2 && most == N - 1 && loop == 2 + N * (N - 1) / 2);
    #pragma omp target parallel num_threads(THREADS) map(to : a) map(tofrom : parallel, threads) reduction(task, + : parallel)
    {
        #pragma omp task in_reduction(+ : parallel)
        parallel += a[7];
        #pragma omp masked
        threads = omp_get_num_threads();
    }
    CHECK(threads >= 1 && parallel == 3 + 7 * threads);
    #pragma omp target map(to : a) map(tofrom : shared)
    {
        #pragma omp parallel for num_threads(THREADS) reduction(task, + : shared)
        for (int i = 0; i < N; i++) {
            #pragma omp task in_reduction(+ : shared) firstprivate(i)
            shared += a[i];
        }
    }
    CHECK(shared == 4 + N * (N - 1) / 2);
}

/* A task has executed so many iterations before this one. */
static void begin(int *tasks, int before)
{
    if (before == 0) {
        #pragma omp atomic
        ++*tasks;
    }
}

static void note(int *longest, int iterations)
{
    #pragma omp critical(longest)
    {
        if (iterations > *longest)
            *longest = iterations;
    }
}

/* Loops of tasks: how many there are, what each has for itself, and what the last one leaves. */
static void taskloops(int trips, int size)
{
    int tasks[5] = {0}, longest[5] = {0}, last = -1, at = -1;
    clear();
    #pragma omp target map(tofrom : a, b, tasks, longest, last, at)
    {
        int begun = 0;
        #pragma omp taskloop firstprivate(begun) shared(tasks, longest, a) grainsize(size)
        for (int i = 0; i < trips; i++) {
            begin(&tasks[0], begun++);
            note(&longest[0], begun);
            a[i]++;
        }
        #pragma omp taskloop firstprivate(begun) shared(tasks, longest, a) num_tasks(size) lastprivate(last)
        for (int i = 0; i < trips; i++) {
            begin(&tasks[1], begun++);
            a[i] += 10;
            last = i;
        }
        #pragma omp taskloop firstprivate(begun) shared(tasks, longest, a) grainsize(strict : size)
        for (int i = 0; i < trips; i++) {
            begin(&tasks[2], begun++);
            note(&longest[2], begun);
            a[i] += 100;
        }
        #pragma omp taskloop firstprivate(begun) shared(tasks, longest, a) nogroup lastprivate(at)
        for (long i = trips - 1; i >= 0; i -= 2) {
            begin(&tasks[3], begun++);
            a[i] += 1000;
            at = (int)i;
        }
        #pragma omp taskwait
        #pragma omp taskloop simd collapse(2) num_tasks(3) shared(b)
        for (int i = 0; i < trips / 10; i++)
            for (int k = 0; k < 10; k++)
                b[10 * i + k] = i - k;
    }
    /* As many iterations as the grain size at least, but less than twice as many. */
    CHECK(tasks[0] * size <= (trips < size ? size : trips) && tasks[0] * (2 * size - 1) >= trips);
    CHECK(longest[0] < 2 * size);
    CHECK(tasks[1] == (size < trips ? size : trips) && (trips == 0 || last == trips - 1));
    CHECK(tasks[2] == (trips + size - 1) / size && longest[2] == (size < trips ? size : trips));
    CHECK((tasks[3] > 0) == (trips > 0) && (trips == 0 || at == (trips - 1) % 2));
    for (int i = 0; i < trips; i++)
        CHECK(a[i] == 111 + 1000 * ((trips - 1 - i) % 2 == 0));
    for (int i = 0; i < trips / 10 * 10; i++)
        CHECK(b[i] == i / 10 - i % 10);
}

/* By one thread of a team, while the others wait. */
static void master_taskloop(void)
{
    int last = 0;
    clear();
    #pragma omp target map(tofrom : a, b, last)
    {
        #pragma omp parallel master taskloop num_threads(8) num_tasks(7) lastprivate(last) shared(a)
        for (int i = 0; i < N; i++) {
            a[i] = i;
            last = i;
        }
        #pragma omp parallel num_threads(8)
        {
            #pragma omp masked taskloop simd grainsize(9)
            for (int i = 0; i < N; i++)
                b[i] = a[i] + 1;
        }
    }
    CHECK(last == N - 1);
    for (int i = 0; i < N; i++)
        CHECK(a[i] == i && b[i] == i + 1);
}

int main(void)
{
    in_a_team();
    of_each_thread();
    serial();
    parallel_in_a_task();
    in_functions();
    in_loops();
    one_of_two(77);
    reductions();
    taskloops(N, 7);
    taskloops(N, 1);
    taskloops(5, 60);
    taskloops(0, 3);
    master_taskloop();
    return check_result("target_tasks");
}
