/*
 * task: each is executed once, whichever clauses it has, with a data
 * environment and ICVs of its own.
 */
#include "check.h"
#include <omp.h>

enum { TASKS = 50 };

#ifdef __clang__
#define CHECK_EXPLICIT(expected) CHECK(!omp_in_explicit_task() == !(expected))
#else /* gcc 12 does not have that function */
#define CHECK_EXPLICIT(expected) ((void)0)
#endif

/* What a task sets, its parent does not see; what the parent had, it begins with. */
static void test_icvs(void)
{
    #pragma omp parallel num_threads(2)
    #pragma omp single
    {
        const int before = 3 + omp_get_thread_num();
        int executed = 0;
        omp_set_num_threads(before);
        for (int i = 0; i < TASKS; i++) {
            #pragma omp task shared(executed)
            {
                CHECK(omp_get_max_threads() == before);
                omp_set_num_threads(before + 1 + i);
                omp_set_default_device(i);
                #pragma omp task shared(executed)
                {
                    CHECK(omp_get_max_threads() == before + 1 + i && omp_get_default_device() == i);
                    omp_set_num_threads(1);
                    tick(&executed);
                }
                #pragma omp taskwait
                CHECK(omp_get_max_threads() == before + 1 + i);
                tick(&executed);
            }
        }
        #pragma omp taskwait
        CHECK(executed == 2 * TASKS && omp_get_max_threads() == before);
    }
}

static void test_kinds(void)
{
    CHECK(!omp_in_final());
    CHECK_EXPLICIT(0);
    #pragma omp parallel num_threads(2)
    {
        CHECK(!omp_in_final());
        CHECK_EXPLICIT(0);
        #pragma omp task
        {
            CHECK(!omp_in_final());
            CHECK_EXPLICIT(1);
            #pragma omp parallel num_threads(2)
            CHECK_EXPLICIT(0);
            CHECK_EXPLICIT(1);
        }
        #pragma omp task final(omp_get_num_threads() > 0)
        {
            CHECK(omp_in_final());
            CHECK_EXPLICIT(1);
            #pragma omp task
            {
                CHECK(omp_in_final());
                CHECK_EXPLICIT(1);
            }
        }
        #pragma omp taskwait
        CHECK(!omp_in_final());
        CHECK_EXPLICIT(0);
    }
}

static int sum_of(int n, int undeferred)
{
    int left = 0, right = 0;
    if (n < 2)
        return n;
    #pragma omp task shared(left) if(!undeferred)
    left = sum_of(n - 1, undeferred);
    #pragma omp task shared(right)
    right = sum_of(n - 2, undeferred);
    #pragma omp taskwait
    return left + right;
}

/* Each taskwait ends a part of an untied task: the parts are executed in order, and each once. */
static void test_untied(int undeferred)
{
    int parts[4][TASKS] = {{0}}, children = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        for (int i = 0; i < TASKS; i++) {
            #pragma omp task untied firstprivate(i) shared(parts, children) if(!undeferred)
            {
                const int twice = 2 * i;
                for (int part = 0; part < 3; part++) {
                    CHECK(parts[part][i] == 0);
                    CHECK_EXPLICIT(1);
                    parts[part][i] = 1;
                    #pragma omp task shared(children)
                    tick(&children);
                    #pragma omp taskwait
                    CHECK(parts[part][i] == 1 && twice == 2 * i);
                }
                parts[3][i]++;
            }
        }
        #pragma omp taskwait
    }
    for (int part = 0; part < 4; part++)
        CHECK(all_equal(parts[part], TASKS, 1));
    CHECK(children == 3 * TASKS);
}

static void test_dependences(void)
{
    int value = 0;
    #pragma omp parallel num_threads(2)
    #pragma omp single
    for (int i = 0; i < TASKS; i++) {
        #pragma omp task depend(inout : value) shared(value) firstprivate(i)
        {
            CHECK(value == i);
            value = i + 1;
        }
    }
    CHECK(value == TASKS);
}

int main(void)
{
    test_icvs();
    test_kinds();
    #pragma omp parallel num_threads(2)
    #pragma omp single
    CHECK(sum_of(12, 0) == 144 && sum_of(12, 1) == 144);
    test_untied(0);
#if !defined(__clang__) || defined(__wasm__) /* an assertion fails in LLVM 19's libomp */
    test_untied(1);
#endif
    test_dependences();
    return check_result("task");
}
