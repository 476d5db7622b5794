/*
 * metadirective: one of several directives, by what is known of the machine,
 * the compiler, the enclosing constructs and the program's own conditions.
 */
#include "check.h"
#include <omp.h>

enum { N = 200, MANY = 1 };

/* No matter which variant is taken, each iteration is executed once. */
static void test_machine(void)
{
    int count[N] = {0};
    #pragma omp metadirective when(device = {arch("nvptx", "amdgcn")} : parallel for num_threads(64)) \
        when(device = {kind(host)} : parallel for schedule(static, 1)) default(parallel for)
    for (int i = 0; i < N; i++)
        tick(&count[i]);
    CHECK(all_equal(count, N, 1));
}

static void test_compiler(void)
{
    int threads = 0;
    #pragma omp metadirective when(implementation = {vendor(cray)} : parallel num_threads(1)) \
        default(parallel num_threads(2))
    {
        #pragma omp single
        threads = omp_get_num_threads();
    }
    CHECK(threads >= 1 && threads <= 2);
}

static void test_condition(void)
{
    int runs = 0, other = 0;
    #pragma omp metadirective when(user = {condition(MANY)} : parallel num_threads(3)) default(nothing)
    tick(&runs);
    CHECK(runs >= 1 && runs <= 3);
    #pragma omp metadirective when(user = {condition(MANY - 1)} : parallel num_threads(3)) default(nothing)
    tick(&other);
    CHECK(other == 1);
}

int main(void)
{
    test_machine();
    test_compiler();
    test_condition();
    return check_result("metadirective");
}
