/*
 * target_forms: target combined with all that it may be combined with, and the
 * clauses and modifiers that other programs here do not have. Runs the same on
 * a device and on the host.
 */
#include "../constructs/check.h"
#include <omp.h>

enum { N = 256 };

static int a[N], b[N];

static void start(void)
{
    for (int i = 0; i < N; i++) {
        a[i] = i;
        b[i] = -1;
    }
}

static int is_done(int factor)
{
    for (int i = 0; i < N; i++)
        if (b[i] != factor * i)
            return 0;
    return 1;
}

static void test_combined(void)
{
    int team = 0;
    start();
    #pragma omp target parallel map(tofrom : team) num_threads(4)
    {
        #pragma omp atomic update
        team++;
    }
    CHECK(team >= 1 && team <= 4);

    #pragma omp target simd map(to : a) map(from : b)
    for (int i = 0; i < N; i++)
        b[i] = 2 * a[i];
    CHECK(is_done(2));

    #pragma omp target parallel for simd map(to : a) map(from : b)
    for (int i = 0; i < N; i++)
        b[i] = 3 * a[i];
    CHECK(is_done(3));

    #pragma omp target teams distribute map(to : a) map(from : b)
    for (int i = 0; i < N; i++)
        b[i] = 4 * a[i];
    CHECK(is_done(4));

    #pragma omp target teams loop map(to : a) map(from : b)
    for (int i = 0; i < N; i++)
        b[i] = 7 * a[i];
    CHECK(is_done(7));

    #pragma omp target parallel loop map(to : a) map(from : b)
    for (int i = 0; i < N; i++)
        b[i] = 8 * a[i];
    CHECK(is_done(8));

    #pragma omp target teams distribute simd map(to : a) map(from : b) num_teams(4)
    for (int i = 0; i < N; i++)
        b[i] = 5 * a[i];
    CHECK(is_done(5));

    #pragma omp target teams distribute parallel for simd map(to : a) map(from : b) thread_limit(8) if(simd : 0)
    for (int i = 0; i < N; i++)
        b[i] = 6 * a[i];
    CHECK(is_done(6));
}

static void test_defaultmap(void)
{
    int scalar = 7, other = 8;
    start();
    #pragma omp target defaultmap(tofrom : scalar)
    {
        scalar++;
        b[0] = scalar;
    }
    CHECK(scalar == 8 && b[0] == 8);
    #pragma omp target defaultmap(firstprivate : scalar) defaultmap(tofrom : aggregate)
    {
        other++;
        b[1] = other;
    }
    CHECK(other == 8 && b[1] == 9);
    #pragma omp target defaultmap(none) map(tofrom : b) firstprivate(other)
    b[2] = other;
    CHECK(b[2] == 8);
    #pragma omp target data map(tofrom : b)
    #pragma omp target defaultmap(present : aggregate)
    b[3] = 10;
    CHECK(b[3] == 10);
}

static void test_modifiers(void)
{
    start();
    #pragma omp target data map(alloc : a, b)
    {
        #pragma omp target teams distribute parallel for map(always, to : a) map(always, from : b)
        for (int i = 0; i < N; i++)
            b[i] = 2 * a[i];
        CHECK(is_done(2));
        #pragma omp target teams distribute parallel for map(present, alloc : a, b)
        for (int i = 0; i < N; i++)
            b[i] = 3 * a[i];
        #pragma omp target update from(present : b)
        CHECK(is_done(3));
        #pragma omp target map(close, to : a)
        b[0] = a[0] + 1;
        #pragma omp target update from(b[0 : 1])
        CHECK(b[0] == 1);
    }
}

static void test_clauses(int yes)
{
    int own = 5, seen = 0;
    start();
    #pragma omp target if(target : !yes) private(own) map(tofrom : seen)
    {
        own = 9;
        seen = own;
    }
    CHECK(own == 5 && seen == 9);
    #pragma omp target data if(yes) map(tofrom : b) map(to : a)
    {
        #pragma omp target teams distribute parallel for if(target : yes) if(parallel : yes)
        for (int i = 0; i < N; i++)
            b[i] = 7 * a[i];
    }
    CHECK(is_done(7));
}

static void test_updates(int yes)
{
    start();
    #pragma omp target data map(alloc : a, b)
    {
        #pragma omp target update to(a) if(yes) nowait depend(out : a[0])
        #pragma omp target update to(b) nowait depend(out : b[0])
        #pragma omp taskwait
        #pragma omp target teams distribute parallel for
        for (int i = 0; i < N; i++)
            b[i] = 8 * a[i];
        #pragma omp target update from(b) depend(in : b[0])
        #pragma omp target update from(a) if(!yes)
    }
    CHECK(is_done(8));
}

static int on_both(int value)
{
    return value + 1;
}
#if _OPENMP >= 202111
#pragma omp declare target enter(on_both) device_type(any)
#else
#pragma omp declare target to(on_both) device_type(any)
#endif

static int table[N];
#pragma omp declare target link(table)

static int chosen(int value)
{
    return value + 2;
}
#if _OPENMP >= 202111
#pragma omp declare target enter(chosen) indirect
#else
#pragma omp declare target to(chosen) indirect
#endif

static void test_declare_target(void)
{
    start();
    for (int i = 0; i < N; i++)
        table[i] = 3 * i;
    #pragma omp target teams distribute parallel for map(to : table) map(from : b)
    for (int i = 0; i < N; i++)
        b[i] = on_both(table[i]) - 1;
    CHECK(is_done(3));

    int (*const function)(int) = chosen;
    int result = 0;
    #pragma omp target map(from : result)
    result = function(5);
    CHECK(result == 7);
}

/* A region that has to run on the host, as a task of it is complete by an event; then one on the device that maps the same. */
static void test_host_before_device(void)
{
    omp_event_handle_t event = (omp_event_handle_t)0;
    int done = 0;
    start();
    #pragma omp target map(tofrom : b, done)
    {
        #pragma omp task shared(done) detach(event)
        {
            done = 1;
            omp_fulfill_event(event);
        }
    }
    #pragma omp target teams distribute parallel for map(to : a) map(tofrom : b)
    for (int i = 0; i < N; i++)
        b[i] = 2 * a[i];
    CHECK(done && is_done(2));
}

int main(void)
{
    for (int round = 0; round < 3; round++) {
        test_combined();
        test_defaultmap();
        test_modifiers();
        test_clauses(round + 1);
        test_updates(round + 1);
        test_declare_target();
        test_host_before_device();
    }
    return check_result("target_forms");
}
