/* target_team_variables: what a team's parallel regions share is the team's, wherever it runs. */
#include "../constructs/check.h"
#include <omp.h>

enum { ROWS = 20, COLUMNS = 96, BINS = 16, THREADS = 64 };

static int matrix[ROWS][COLUMNS], most_of[ROWS];

static int at(int i, int j) { return (i * 7 + j * 5) % 13; }

static void fill(void)
{
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            matrix[i][j] = at(i, j);
}

/* One parallel region fills an array that the next one reads. */
static void tile(void)
{
    fill();
    #pragma omp target teams distribute map(tofrom : matrix)
    for (int i = 0; i < ROWS; i++) {
        int row[COLUMNS];
        #pragma omp parallel for
        for (int j = 0; j < COLUMNS; j++)
            row[j] = matrix[i][j] * 2;
        #pragma omp parallel for
        for (int j = 0; j < COLUMNS; j++)
            matrix[i][j] = row[COLUMNS - 1 - j];
    }
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            CHECK(matrix[i][j] == at(i, COLUMNS - 1 - j) * 2);
}

/* Atomic operations, and a structure. */
static void histogram(void)
{
    fill();
    #pragma omp target teams distribute map(to : matrix) map(from : most_of)
    for (int i = 0; i < ROWS; i++) {
        int bins[BINS] = {0}, count = 0, most = 0;
        struct {
            double sum;
            int last;
        } seen = {0, -1};
        #pragma omp parallel for
        for (int j = 0; j < COLUMNS; j++) {
            #pragma omp atomic
            bins[matrix[i][j]]++;
            #pragma omp atomic
            count++;
            #pragma omp atomic
            seen.sum += matrix[i][j];
            if (j == COLUMNS - 1)
                seen.last = j;
        }
        for (int k = 1; k < BINS; k++)
            most = bins[k] > bins[most] ? k : most;
        most_of[i] = count == COLUMNS && seen.last == COLUMNS - 1 ? bins[most] * 1000 + (int)seen.sum : -1;
    }
    for (int i = 0; i < ROWS; i++) {
        int bins[BINS] = {0}, most = 0, sum = 0;
        for (int j = 0; j < COLUMNS; j++) {
            bins[at(i, j)]++;
            sum += at(i, j);
        }
        for (int k = 1; k < BINS; k++)
            most = bins[k] > bins[most] ? k : most;
        CHECK(most_of[i] == bins[most] * 1000 + sum);
    }
}

/* Threads leave something for the first one of them. */
static void exchange(void)
{
    int total = 0, threads = 0;
    #pragma omp target map(tofrom : total, threads)
    {
        int left[THREADS], n = 0;
        for (int i = 0; i < THREADS; i++)
            left[i] = 0;
        #pragma omp parallel num_threads(THREADS)
        {
            int t = omp_get_thread_num();
            left[t] = t + 1;
            #pragma omp barrier
            #pragma omp single
            n = omp_get_num_threads();
            if (t == 0)
                for (int i = 0; i < n; i++)
                    total += left[i];
        }
        threads = n;
    }
    CHECK(threads >= 1 && threads <= THREADS);
    CHECK(total == threads * (threads + 1) / 2);
}

/* Reductions and last values go to the team's variables. */
static void ends(void)
{
    int both = 0, seen = 0;
    #pragma omp target map(tofrom : both, seen)
    {
        int sum = 5, last = 0;
        #pragma omp parallel
        {
            #pragma omp for reduction(+ : sum) lastprivate(last)
            for (int j = 0; j < COLUMNS; j++) {
                sum += j;
                last = j;
            }
            #pragma omp for
            for (int j = 0; j < COLUMNS; j++)
                if (j == 0)
                    seen = sum;
        }
        both = sum * 1000 + last;
    }
    CHECK(seen == 5 + COLUMNS * (COLUMNS - 1) / 2);
    CHECK(both == seen * 1000 + COLUMNS - 1);
}

int main(void)
{
    tile();
    histogram();
    exchange();
    ends();
    return check_result("target_team_variables");
}
