/*
 * target_critical: critical sections on a device, of all threads of all teams, named and not, and in each other; and parallel regions that
 * one thread executes because of their `if` clause.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 500 };

static int numbers[N];

static void check(int holds, const char *what)
{
    if (!holds) {
        printf("target_critical: %s\n", what);
        exit(1);
    }
}

/* The greatest number and where it is first, as no atomic operation finds them. */
static void greatest(void)
{
    int most = -1, at = -1, sum = 0;
    #pragma omp target teams distribute parallel for map(to : numbers) map(tofrom : most, at, sum)
    for (int i = 0; i < N; i++) {
        #pragma omp critical
        {
            sum += numbers[i];
            if (numbers[i] > most || (numbers[i] == most && i < at)) {
                most = numbers[i];
                at = i;
            }
        }
    }
    int expected = 0, expected_sum = 0;
    for (int i = 0; i < N; i++) {
        expected_sum += numbers[i];
        if (numbers[i] > numbers[expected])
            expected = i;
    }
    check(sum == expected_sum, "the sum is wrong");
    check(most == numbers[expected] && at == expected, "the greatest is wrong");
}

/* A list that is appended to under one lock, while another one guards a counter. */
static void two_locks(void)
{
    int list[N], length = 0, odd = 0;
    #pragma omp target teams distribute parallel for map(to : numbers) map(from : list) map(tofrom : length, odd)
    for (int i = 0; i < N; i++) {
        if (numbers[i] % 2 != 0) {
            #pragma omp critical(counter)
            odd++;
        }
        #pragma omp critical(list)
        {
            list[length] = numbers[i];
            length++;
        }
    }
    long long listed = 0, all = 0;
    int expected = 0;
    for (int i = 0; i < N; i++) {
        listed += (long long)list[i] * list[i];
        all += (long long)numbers[i] * numbers[i];
        expected += numbers[i] % 2 != 0;
    }
    check(length == N && listed == all, "the list is wrong");
    check(odd == expected, "the counter is wrong");
}

static void in_each_other(void)
{
    int outer = 0, inner = 0;
    #pragma omp target teams distribute parallel for map(to : numbers) map(tofrom : outer, inner)
    for (int i = 0; i < N; i++) {
        #pragma omp critical(outer)
        {
            outer += 1;
            if (numbers[i] % 3 == 0) {
                #pragma omp critical(inner)
                inner += outer > 0;
            }
            for (int k = 0; k < numbers[i] % 4; k++)
                outer += k;
        }
    }
    int expected = N, thirds = 0;
    for (int i = 0; i < N; i++) {
        thirds += numbers[i] % 3 == 0;
        for (int k = 0; k < numbers[i] % 4; k++)
            expected += k;
    }
    check(outer == expected && inner == thirds, "sections in each other are wrong");
}

/* Threads of one team, who meet between two sections; and the serial code of their team. */
static void of_a_team(void)
{
    int entered = 0, seen = 0, threads = 0, alone = 0;
    #pragma omp target map(tofrom : entered, seen, threads, alone)
    {
        #pragma omp critical
        alone++;
        #pragma omp parallel num_threads(8)
        {
            #pragma omp critical
            entered++;
            #pragma omp barrier
            #pragma omp critical
            {
                seen += entered;
                threads++;
            }
        }
    }
    check(alone == 1, "serial code does not enter");
    check(threads > 0 && entered == threads && seen == threads * threads, "the members of a team are not counted");
}

/* `if` says whether there are several threads; the numbers are the same. */
static void conditional(void)
{
    for (int several = 0; several < 2; several++) {
        int sum = 0, level = 0;
        int squares[N];
        #pragma omp target map(from : squares) map(tofrom : sum, level)
        {
            int total = 0;
            #pragma omp parallel for if(several)
            for (int i = 0; i < N; i++)
                squares[i] = numbers[i] * numbers[i];
            #pragma omp parallel for if(several) reduction(+ : total)
            for (int i = 0; i < N; i++)
                total += squares[i] % 7;
            sum = total;
            level = omp_get_level();
        }
        int expected = 0;
        for (int i = 0; i < N; i++)
            expected += numbers[i] * numbers[i] % 7;
        check(sum == expected && level == 0, "a conditional region is wrong");
    }
}

/* Each thread enters once, after its part of a loop; what comes before and after is the team's. */
static void beside_a_loop(void)
{
    for (int enters = 0; enters < 2; enters++) {
        int sum = 0, entered = 0, threads = 0, first = 0;
        #pragma omp target map(to : numbers) map(tofrom : sum, entered, threads, first)
        {
            first = numbers[1];
            #pragma omp parallel reduction(+ : sum)
            {
                #pragma omp for nowait
                for (int i = 0; i < N; i++)
                    sum += numbers[i];
                if (enters) {
                    #pragma omp critical
                    entered++;
                }
                if (omp_get_thread_num() == 0)
                    threads = omp_get_num_threads();
            }
            first += entered;
        }
        int expected = 0;
        for (int i = 0; i < N; i++)
            expected += numbers[i];
        check(sum == expected, "the sum beside a section is wrong");
        check(entered == (enters ? threads : 0) && first == numbers[1] + entered, "not each thread enters once");
    }
}

/* A region that one thread executes is one all the same. */
static void levels(void)
{
    int inside = -1, outside = -1, none = 0;
    #pragma omp target map(from : inside, outside) map(to : none)
    {
        #pragma omp parallel if(none) num_threads(4)
        inside = omp_get_level();
        outside = omp_get_level();
    }
    check(inside == 1 && outside == 0, "the level is wrong");
}

int main(void)
{
    for (int i = 0; i < N; i++)
        numbers[i] = i * 7919 % 1009;
    greatest();
    two_locks();
    in_each_other();
    of_a_team();
    conditional();
    beside_a_loop();
    levels();
    puts("target_critical: ok");
    return 0;
}
