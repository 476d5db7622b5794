/* target_histograms: reductions of arrays that are too long for anybody to have them at hand are what they are in a plain loop, wherever it
 * runs: whole arrays and sections, also of variable length, of all types, beside scalars, in leagues, in teams and in regions of one team. */
#include "../constructs/check.h"

enum { N = 5003, BINS = 256, MANY = 1000, TEAMS = 5 };

static int in[N];

/* Whether an array has what a plain loop computes. */
#define EXPECT(type, name, length, first, update)                                                                    \
    {                                                                                                                \
        type expected[length];                                                                                       \
        for (int k = 0; k < (length); k++)                                                                           \
            expected[k] = (first);                                                                                   \
        for (int i = 0; i < N; i++) {                                                                                \
            type *bin = &expected[in[i] % (length)];                                                                 \
            update;                                                                                                  \
        }                                                                                                            \
        for (int k = 0; k < (length); k++)                                                                           \
            CHECK(name[k] == expected[k]);                                                                           \
    }

static void check_types(void)
{
    int counts[BINS];
    long sums[BINS];
    float floats[20];
    double doubles[MANY];
    long most[BINS];
    for (int k = 0; k < MANY; k++)
        doubles[k] = 3;
    for (int k = 0; k < BINS; k++)
        counts[k] = sums[k] = most[k] = 3;
    for (int k = 0; k < 20; k++)
        floats[k] = 3;
#pragma omp target teams distribute parallel for map(to : in) reduction(+ : counts)
    for (int i = 0; i < N; i++)
        counts[in[i] % BINS]++;
#pragma omp target teams distribute parallel for map(to : in) reduction(+ : sums)
    for (int i = 0; i < N; i++)
        sums[in[i] % BINS] += i;
#pragma omp target teams distribute parallel for map(to : in) reduction(+ : floats)
    for (int i = 0; i < N; i++)
        floats[in[i] % 20] += 0.5f;
#pragma omp target teams distribute parallel for map(to : in) reduction(+ : doubles)
    for (int i = 0; i < N; i++)
        doubles[in[i] % MANY] += i * 0.25;
#pragma omp target teams distribute parallel for map(to : in) reduction(max : most)
    for (int i = 0; i < N; i++)
        if (most[in[i] % BINS] < i)
            most[in[i] % BINS] = i;
    EXPECT(int, counts, BINS, 3, ++*bin)
    EXPECT(long, sums, BINS, 3, *bin += i)
    EXPECT(float, floats, 20, 3, *bin += 0.5f)
    EXPECT(double, doubles, MANY, 3, *bin += i * 0.25)
    EXPECT(long, most, BINS, 3, if (*bin < i) *bin = i)
}

/* Parts of arrays, two at once, and beside scalars. */
static void check_sections(int length)
{
    int part[BINS + 10] = {0}, other[64] = {0}, *variable = &part[5];
    double sum = 0, smallest = 1e9;
    part[4] = part[BINS + 5] = 77;
#pragma omp target teams distribute parallel for map(to : in) reduction(+ : part[5 : BINS], other, sum) reduction(min : smallest)
    for (int i = 0; i < N; i++) {
        part[5 + in[i] % BINS]++;
        other[in[i] % 64] += 2;
        sum += in[i];
        smallest = in[i] - 0.5 < smallest ? in[i] - 0.5 : smallest;
    }
    double expected = 0;
    for (int i = 0; i < N; i++)
        expected += in[i];
    CHECK(sum == expected && smallest == -0.5);
    CHECK(part[4] == 77 && part[BINS + 5] == 77);
    EXPECT(int, variable, BINS, 0, ++*bin)
    EXPECT(int, other, 64, 0, *bin += 2)
#pragma omp target teams distribute parallel for map(to : in) reduction(+ : variable[0 : length])
    for (int i = 0; i < N; i++)
        if (in[i] % BINS < length)
            variable[in[i] % BINS] -= 1;
    for (int k = 0; k < BINS && k < length; k++)
        CHECK(variable[k] == 0);
    CHECK(length >= BINS || variable[length] > 0);
    CHECK(part[4] == 77 && part[BINS + 5] == 77);
}

/* Of teams, and of the threads of a region of one team. */
static void check_teams(void)
{
    long all[BINS] = {0};
    int dynamic[100] = {0}, one[BINS] = {0}, mine[BINS] = {0}, after = 0;
#pragma omp target teams distribute map(to : in) reduction(+ : all) num_teams(TEAMS)
    for (int part = 0; part < TEAMS; part++) {
#pragma omp parallel for reduction(+ : all)
        for (int i = part * N / TEAMS; i < (part + 1) * N / TEAMS; i++)
            all[in[i] % BINS]++;
    }
#pragma omp target parallel for map(to : in) reduction(+ : one)
    for (int i = 0; i < N; i++)
        one[in[i] % BINS]++;
#pragma omp target parallel for map(to : in) reduction(+ : dynamic) schedule(dynamic, 3)
    for (int i = 0; i < N; i++)
        dynamic[in[i] % 100] += i;
#pragma omp target map(to : in) map(tofrom : mine, after)
    {
#pragma omp parallel
        {
#pragma omp for reduction(+ : mine)
            for (int i = 0; i < N; i++)
                mine[in[i] % BINS] += 2;
#pragma omp single
            for (int k = 0; k < BINS; k++)
                after += mine[k];
        }
    }
    CHECK(after == 2 * N);
    EXPECT(long, all, BINS, 0, ++*bin)
    EXPECT(int, one, BINS, 0, ++*bin)
    EXPECT(int, dynamic, 100, 0, *bin += i)
    EXPECT(int, mine, BINS, 0, *bin += 2)
}

int main(int argc, char **argv)
{
    (void)argv;
    for (int i = 0; i < N; i++)
        in[i] = i * 7919 % 4099;
    check_types();
    check_sections(BINS / 2 - 1 + argc);
    check_sections(10 * argc);
    check_teams();
    return check_result("target_histograms");
}
