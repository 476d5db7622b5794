/*
 * taskgroup waits for the tasks that are generated in it and for all of their
 * descendants; taskwait for the current task's children alone.
 */
#include "check.h"
#include <omp.h>

enum { DEPTH = 6, TREE = 1093 /* 1 + 3 + 9 + ... + 3^6 */ };

/* A tree of tasks in which nobody waits for anybody. */
static void tree(int depth, int *done)
{
    for (int i = 0; i < 3 && depth < DEPTH; i++) {
        #pragma omp task firstprivate(depth)
        tree(depth + 1, done);
    }
    tick(done);
}

static void test_descendants(void)
{
    #pragma omp parallel num_threads(3)
    #pragma omp single
    for (int i = 0; i < 5; i++) {
        int done = 0;
        #pragma omp taskgroup
        tree(0, &done);
        CHECK(done == TREE);
    }
}

/* In a task, one inside of another, and one behind another. */
static void test_nested(void)
{
    int all = 0, num_threads = 0;
    #pragma omp parallel num_threads(3)
    for (int i = 0; i < 3; i++) {
        #pragma omp task
        {
            int outer = 0, inner = 0, next = 0;
            #pragma omp taskgroup
            {
                tree(1, &outer);
                #pragma omp taskgroup
                {
                    #pragma omp task shared(inner)
                    {
                        #pragma omp taskgroup
                        tree(1, &inner);
                        CHECK(inner == (TREE - 1) / 3);
                        tree(1, &inner);
                    }
                }
                CHECK(inner == (TREE - 1) / 3 * 2);
                #pragma omp taskgroup
                tree(2, &next);
                CHECK(next == ((TREE - 1) / 3 - 1) / 3);
            }
            CHECK(outer == (TREE - 1) / 3);
            tick(&all);
        }
    }
    #pragma omp parallel num_threads(3)
    tick(&num_threads);
    CHECK(all == 3 * num_threads);
}

/* The children that a taskgroup has waited for are no more; those before it may be there still. */
static void test_with_taskwait(void)
{
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        int before = 0, inside = 0, behind = 0;
        for (int i = 0; i < 20; i++) {
            #pragma omp task shared(before)
            tick(&before);
        }
        #pragma omp taskgroup
        {
            for (int i = 0; i < 20; i++) {
                #pragma omp task shared(inside)
                tick(&inside);
            }
            #pragma omp taskwait
            CHECK(before == 20 && inside == 20);
            for (int i = 0; i < 20; i++) {
                #pragma omp task shared(behind)
                tick(&behind);
            }
        }
        CHECK(behind == 20);
        #pragma omp taskgroup
        {
        }
        #pragma omp taskwait
    }
}

static long recursive(int n)
{
    long left, right;
    if (n < 2)
        return n;
    #pragma omp taskgroup
    {
        #pragma omp task shared(left)
        left = recursive(n - 1);
        #pragma omp task shared(right)
        right = recursive(n - 2);
    }
    return left + right;
}

/* taskwait does not wait for grandchildren: this one is not complete before the taskwait is over. */
static void test_grandchild(void)
{
    #pragma omp parallel num_threads(3)
    #pragma omp single
    {
        omp_event_handle_t event;
        int child = 0, grandchild = 0;
        #pragma omp task shared(child, grandchild, event)
        {
            omp_event_handle_t mine;
            #pragma omp task detach(mine) shared(grandchild, event)
            grandchild = 1;
            event = mine;
            child = 1;
        }
        #pragma omp taskwait
        CHECK(child == 1);
        omp_fulfill_event(event);
    }
}

/* The parent's variables may be gone when a task is executed, but not before its children are. */
static int orphan(int n)
{
    int sum = 0, parts[10];
    for (int i = 0; i < 10; i++) {
        #pragma omp task shared(parts)
        parts[i] = n * i;
    }
    #pragma omp taskwait
    for (int i = 0; i < 10; i++)
        sum += parts[i];
    return sum;
}

int main(void)
{
    test_descendants();
    test_nested();
    test_with_taskwait();
    long result = 0;
    #pragma omp parallel num_threads(3)
    #pragma omp single
    result = recursive(15);
    CHECK(result == 610 && recursive(10) == 55);
    test_grandchild();
    int sum = 0;
    #pragma omp parallel num_threads(3) reduction(+ : sum)
    sum += orphan(omp_get_thread_num() >= 0);
    CHECK(sum % 45 == 0 && sum >= 45 && orphan(2) == 90);
    return check_result("taskgroup");
}
