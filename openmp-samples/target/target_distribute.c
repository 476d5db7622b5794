/* target_distribute: loops that are shared among teams alone do what a plain loop does, wherever they run: `distribute` and
 * `loop`, of which clang makes the same where its body calls functions. */
#include "../constructs/check.h"
#include <omp.h>

enum { N = 1003 };

static double a[N], b[N];
static int on_device, loops;

/* Says where a loop runs, in its first iteration. */
#define SAY(i)                                                                                                       \
    if ((i) == 0)                                                                                                    \
        on_device += !omp_is_initial_device();

#pragma omp declare target
__attribute__((noinline)) static double next(double x) { return x * 0.5 + 1; }
#pragma omp end declare target

static void plain(void)
{
    loops++;
    #pragma omp target teams distribute map(to : b) map(from : a) map(tofrom : on_device)
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int k = 0; k < 5; k++)
            sum += b[(i + k) % N];
        a[i] = sum;
        SAY(i)
    }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == b[i] + b[(i + 1) % N] + b[(i + 2) % N] + b[(i + 3) % N] + b[(i + 4) % N]);
}

static void reduced(void)
{
    double sum = 1;
    int greatest = -1;
    loops++;
    #pragma omp target teams distribute reduction(+ : sum) reduction(max : greatest) map(to : b) map(tofrom : on_device)
    for (int i = 0; i < N; i++) {
        sum += b[i];
        greatest = b[i] > greatest ? (int)b[i] : greatest;
        SAY(i)
    }
    double expected = 1;
    for (int i = 0; i < N; i++)
        expected += b[i];
    CHECK(sum == expected && greatest == 16);
}

static void in_chunks(void)
{
    int counts[8] = {0};
    loops++;
    #pragma omp target teams distribute dist_schedule(static, 7) map(tofrom : counts, on_device)
    for (int i = 0; i < N; i++) {
        #pragma omp atomic
        counts[i % 8]++;
        SAY(i)
    }
    for (int i = 0; i < 8; i++)
        CHECK(counts[i] == N / 8 + (i < N % 8));
}

static void collapsed(void)
{
    loops++;
    #pragma omp target teams distribute collapse(2) num_teams(4) map(from : a) map(tofrom : on_device)
    for (int i = 0; i < 17; i++)
        for (int j = 0; j < 59; j++) {
            a[i * 59 + j] = i - j;
            SAY(i * 59 + j)
        }
    for (int i = 0; i < N; i++)
        CHECK(a[i] == i / 59 - i % 59);
}

static void called(void)
{
    loops++;
    #pragma omp target teams loop map(to : b) map(from : a) map(tofrom : on_device)
    for (int i = 0; i < N; i++) {
        double x = b[i];
        while (x < 1.99)
            x = next(x);
        a[i] = x;
        SAY(i)
    }
    for (int i = 0; i < N; i++)
        CHECK(b[i] < 1.99 ? a[i] >= 1.99 && a[i] < 2 : a[i] == b[i]);
}

int main(void)
{
    for (int i = 0; i < N; i++)
        b[i] = i % 17;
    plain();
    reduced();
    in_chunks();
    collapsed();
    called();
#ifdef __OPTIMIZE__ /* else not all of them can run there */
    CHECK(on_device == 0 || on_device == loops);
#endif
    return check_result("target_distribute");
}
