/*
 * target_nowait: launches that the host does not wait for before it has to,
 * with dependences between them and tasks of the host, and data that come and
 * go between them; and regions that stay on the host, where they are executed
 * as target tasks, too.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>

enum { N = 20000, STEPS = 12, MANY = 50 };

static int *make(int value)
{
    int *x = malloc(N * sizeof *x);
    for (int i = 0; i < N; i++)
        x[i] = value;
    return x;
}

static int are(const int *x, int value)
{
    for (int i = 0; i < N; i++)
        if (x[i] != value)
            return 0;
    return 1;
}

/* Two chains of launches, and one of the host's own work. */
static void chains(void)
{
    int *a = make(1), *b = make(2), host = 0;
    #pragma omp target enter data map(to : a[0 : N], b[0 : N])
    for (int step = 0; step < STEPS; step++) {
        #pragma omp target teams distribute parallel for nowait depend(inout : a[0]) firstprivate(step)
        for (int i = 0; i < N; i++)
            a[i] += step;
        #pragma omp target parallel for nowait depend(inout : b[0])
        for (int i = 0; i < N; i++)
            b[i] += 2;
        host += step;
    }
    #pragma omp target exit data map(from : a[0 : N]) nowait depend(inout : a[0])
    #pragma omp target exit data map(from : b[0 : N]) nowait depend(inout : b[0])
    #pragma omp taskwait depend(in : a[0])
    CHECK(are(a, 1 + STEPS * (STEPS - 1) / 2));
    #pragma omp taskwait
    CHECK(are(b, 2 + 2 * STEPS));
    CHECK(host == STEPS * (STEPS - 1) / 2);
    free(a);
    free(b);
}

/* The host's tasks and the device's take turns. */
static void with_host_tasks(void)
{
    int *a = make(3);
    #pragma omp target enter data map(to : a[0 : N]) nowait depend(out : a[0])
    for (int step = 0; step < STEPS; step++) {
        #pragma omp target teams distribute parallel for nowait depend(inout : a[0])
        for (int i = 0; i < N; i++)
            a[i] = 3 * a[i] % 1000;
        #pragma omp target update from(a[0 : N]) nowait depend(inout : a[0])
        #pragma omp task depend(inout : a[0])
        for (int i = 0; i < N; i++)
            a[i]++;
        #pragma omp target update to(a[0 : N]) nowait depend(inout : a[0])
    }
    #pragma omp target exit data map(from : a[0 : N]) nowait depend(inout : a[0])
    #pragma omp taskwait
    int expected = 3;
    for (int step = 0; step < STEPS; step++)
        expected = 3 * expected % 1000 + 1;
    CHECK(are(a, expected));
    free(a);
}

/* Each launch brings its own data, and takes them away. */
static void independent(void)
{
    int *parts[STEPS];
    for (int k = 0; k < STEPS; k++) {
        int *part = parts[k] = make(k);
        #pragma omp target teams distribute parallel for nowait map(tofrom : part[0 : N])
        for (int i = 0; i < N; i++)
            part[i]++;
    }
    #pragma omp taskwait
    for (int k = 0; k < STEPS; k++) {
        CHECK(are(parts[k], k + 1));
        free(parts[k]);
    }
}

/* Waited for by the end of a taskgroup, of a parallel region with one thread, and by threads that have such each. */
static void in_regions(void)
{
    int *a = make(0), *b = make(0), *of_thread[3] = {make(0), make(1), make(2)}, threads = 0;
    #pragma omp taskgroup
    {
        #pragma omp task
        {
            #pragma omp target teams distribute parallel for nowait map(tofrom : a[0 : N])
            for (int i = 0; i < N; i++)
                a[i] = i % 7;
        }
    }
    for (int i = 0; i < N; i++)
        a[i] -= i % 7;
    CHECK(are(a, 0));
    #pragma omp parallel num_threads(1)
    {
        #pragma omp target teams distribute parallel for nowait map(tofrom : b[0 : N])
        for (int i = 0; i < N; i++)
            b[i] = 5;
    }
    CHECK(are(b, 5));
    #pragma omp parallel num_threads(3) reduction(max : threads)
    {
        int *mine = of_thread[omp_get_thread_num()];
        threads = omp_get_num_threads();
        #pragma omp parallel num_threads(1)
        for (int step = 0; step < STEPS; step++) {
            #pragma omp target teams distribute parallel for nowait map(tofrom : mine[0 : N]) depend(inout : mine[0])
            for (int i = 0; i < N; i++)
                mine[i] += step;
        }
    }
    for (int t = 0; t < 3; t++) {
        CHECK(are(of_thread[t], t + (t < threads ? STEPS * (STEPS - 1) / 2 : 0)));
        free(of_thread[t]);
    }
    free(a);
    free(b);
}

/* One thread launches, while all compute; what the launches have done is there behind the next barrier. */
static void in_larger_teams(void)
{
    int *a = make(0), *b = make(0), *c = make(0), again = 0, late = 0;
    for (int round = 0; round < STEPS; round++) {
        #pragma omp parallel num_threads(3) shared(a, b, c, again, late)
        {
            #pragma omp single nowait
            {
                #pragma omp target teams distribute parallel for nowait map(tofrom : a[0 : N]) depend(out : a[0])
                for (int i = 0; i < N; i++)
                    a[i] += 2;
                #pragma omp task depend(inout : a[0])
                for (int i = 0; i < N; i++)
                    a[i]--;
                #pragma omp target teams distribute parallel for nowait map(tofrom : a[0 : N]) depend(inout : a[0])
                for (int i = 0; i < N; i++)
                    a[i] *= 3;
                #pragma omp target parallel for nowait map(tofrom : b[0 : N])
                for (int i = 0; i < N; i++)
                    b[i]++;
            }
            #pragma omp for
            for (int i = 0; i < N; i++)
                c[i]++;
            #pragma omp single nowait
            again += are(b, round + 1) && are(c, round + 1);
            #pragma omp master
            {
                #pragma omp taskgroup
                {
                    #pragma omp target teams distribute parallel for nowait map(tofrom : a[0 : N])
                    for (int i = 0; i < N; i++)
                        a[i] %= 1000;
                }
                #pragma omp target nowait map(tofrom : late)
                late++;
            }
        }
        CHECK(late == round + 1);
    }
    int expected = 0;
    for (int round = 0; round < STEPS; round++)
        expected = 3 * (expected + 1) % 1000;
    CHECK(again == STEPS && are(a, expected));
    free(a);
    free(b);
    free(c);
}

static void *in_thread(void *argument)
{
    int *a = argument;
    for (int step = 0; step < STEPS; step++) {
        #pragma omp target teams distribute parallel for nowait map(tofrom : a[0 : N]) depend(inout : a[0])
        for (int i = 0; i < N; i++)
            a[i] += step;
    }
    return NULL;
}

/* Threads of the program's own end when their tasks are complete. */
static void in_threads(void)
{
    enum { THREADS = 3 };
    for (int round = 0; round < STEPS; round++) {
        pthread_t threads[THREADS];
        int *arrays[THREADS], created[THREADS];
        for (int t = 0; t < THREADS; t++) {
            arrays[t] = make(t);
            created[t] = pthread_create(&threads[t], NULL, in_thread, arrays[t]) == 0;
        }
        for (int t = 0; t < THREADS; t++) {
            if (created[t])
                pthread_join(threads[t], NULL);
            CHECK(are(arrays[t], t + (created[t] ? STEPS * (STEPS - 1) / 2 : 0)));
            free(arrays[t]);
        }
    }
}

/* A final task includes what it generates. */
static void included(void)
{
    int *a = make(1), inside = 0;
    #pragma omp task final(1) shared(inside)
    {
        #pragma omp target teams distribute parallel for nowait map(tofrom : a[0 : N]) depend(out : a[0])
        for (int i = 0; i < N; i++)
            a[i] += 7;
        inside = are(a, 8);
    }
    #pragma omp taskwait
    CHECK(inside);
    free(a);
}

/* The task's code is that of an initial thread of its own, which may fork. */
static void regions_inside(void)
{
    int num = -1, threads = -1, iterations = 0, limited = 0, forked[MANY] = {0};
    for (int i = 0; i < MANY; i++) {
        #pragma omp target nowait map(tofrom : forked[i : 1]) firstprivate(i)
        {
            int sum = 0;
            #pragma omp parallel for num_threads(3) reduction(+ : sum)
            for (int k = 0; k < 100; k++)
                sum += k;
            #pragma omp parallel num_threads(2)
            #pragma omp single
            {
                #pragma omp task shared(sum)
                sum += i;
            }
            forked[i] = sum;
        }
    }
    #pragma omp target nowait map(tofrom : num, threads)
    #pragma omp parallel num_threads(1)
    {
        num = omp_get_thread_num();
        threads = omp_get_num_threads();
    }
    #pragma omp target nowait thread_limit(2) map(tofrom : limited)
    {
        #pragma omp parallel num_threads(8)
        tick(&limited);
    }
    #pragma omp target parallel for nowait map(tofrom : iterations) reduction(+ : iterations)
    for (int i = 0; i < 1000; i++)
        iterations++;
    #pragma omp taskwait
    for (int i = 0; i < MANY; i++)
        CHECK(forked[i] == 4950 + i);
    CHECK(num == 0 && threads == 1 && iterations == 1000);
    CHECK(limited == 1 || limited == 2);
}

/* They take turns with others that name the same location, in any order. */
static void exclusions(void)
{
    int inside = 0, most = 0, count = 0, other = 0;
    for (int i = 0; i < MANY; i++) {
        #pragma omp target nowait depend(mutexinoutset : count) map(tofrom : count, inside, most)
        {
            most |= ++inside;
            count++;
            inside--;
        }
        #pragma omp task depend(mutexinoutset : count) shared(count, inside, most)
        {
            most |= ++inside;
            count++;
            inside--;
        }
        #pragma omp target nowait depend(inoutset : other) map(tofrom : other)
        {
            #pragma omp atomic
            other++;
        }
    }
    #pragma omp target nowait depend(in : count, other) map(tofrom : count, other)
    {
        count *= 2;
        other *= 2;
    }
    #pragma omp taskwait
    CHECK(count == 4 * MANY && other == 2 * MANY && most == 1);
}

int main(void)
{
    chains();
    with_host_tasks();
    independent();
    in_regions();
    in_larger_teams();
    in_threads();
    included();
    regions_inside();
    exclusions();
    return check_result("target_nowait");
}
