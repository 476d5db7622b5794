/* target_printing: regions that print. What different work-items print comes in any order, so one prints, or all print the same. */
#include <omp.h>
#include <stdio.h>
#include <string.h>

enum { N = 100, LINES = 40 };

static int a[N];

/* In a loop: each kind of argument. */
static void in_a_loop(double x)
{
    #pragma omp target teams distribute parallel for map(tofrom : a)
    for (int i = 0; i < N; i++) {
        a[i] = i * i;
        if (i == 17) {
            printf("%d %5u %-4x| %c %hhd %hd\n", a[i], 17u, 255u, 'c', (char)i, (short)-i);
            printf("%lld %llx %jd %zu %ld\n", (long long)i << 40, 0xfedcba9876543210ull, (__INTMAX_TYPE__)-i, sizeof a, (long)i);
            printf("%f %.3e %g %d %a\n", x, x / 3, (float)x * 2.0f, i, 0.5);
            printf("%*d|%-*d|%.*f|100%%\n", 6, i, 6, i, 2, x);
            printf("%s|%10s|%.2s|%.*s|%s\n", "a constant", "right", "cut", 3, "abcdef", i > 3 ? "more" : "less");
        }
    }
    #pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++)
        if (i < 4)
            puts("the same from four iterations");
}

/* Characters that are not the program's constants: mapped ones, and private ones. */
static void strings(void)
{
    char name[16] = "host";
    const char *none = NULL;
    #pragma omp target map(tofrom : name)
    {
        char own[8];
        for (int i = 0; i < 7; i++)
            own[i] = (char)('a' + i);
        own[7] = '\0';
        memcpy(name, "device", 7);
        printf("%s %.3s %s [%.0s] %s\n", name, own, own + 4, own, "end");
        printf("%.*s%.*s %s\n", 2, own, -1, own, none);
        puts(own);
    }
    printf("%s\n", name);
}

static void line(int number, double half) { printf("line %d, %.1f\n", number, half); }

/* Serial code, with functions that it calls, and several lines in order. */
static void serial(int begin)
{
    int sum = 0;
    #pragma omp target map(tofrom : sum)
    {
        puts("serial code");
        for (int i = begin; i < begin + LINES; i++) {
            if (i % 8 == 0)
                line(i, i / 2.0);
            sum += i;
        }
        putchar('x');
        putchar('\n');
        #pragma omp parallel for reduction(+ : sum)
        for (int i = 0; i < N; i++)
            sum += i;
        printf("sum %d\n", sum);
    }
}

/* Serial code of teams, one thread of a team, and the first one of all that take turns. */
static void in_teams(void)
{
    int turn = 0;
    #pragma omp target teams num_teams(4)
    {
        int squares = 0, team = omp_get_team_num();
        #pragma omp parallel for reduction(+ : squares)
        for (int i = 0; i < 10; i++)
            squares += i * i;
        if (team == 0)
            printf("team %d: %d\n", team, squares);
    }
    #pragma omp target parallel num_threads(8) map(tofrom : turn)
    {
        #pragma omp single
        puts("a single one");
        #pragma omp critical
        {
            if (turn++ == 0)
                puts("the first one");
        }
        #pragma omp barrier
        if (omp_get_thread_num() == 0)
            printf("%d had their turn\n", turn > 0);
    }
}

/* Launches by several threads at once, and by nobody who waits. */
static void at_once(void)
{
    #pragma omp parallel for num_threads(4)
    for (int i = 0; i < 12; i++) {
        #pragma omp target
        printf("launched %s\n", "at once");
    }
    for (int i = 0; i < 3; i++) {
        #pragma omp target nowait depend(inout : a[0]) firstprivate(i)
        printf("task %d\n", i);
    }
    #pragma omp taskwait
}

int main(void)
{
    puts("begin");
    in_a_loop(2.5);
    strings();
    serial(8);
    in_teams();
    at_once();
    puts("end");
    return 0;
}
