/* target_league: teams that execute serial code and parallel regions in turn do the same wherever they run. */
#include "../constructs/check.h"
#include <omp.h>

enum { ROWS = 50, COLUMNS = 70, TABLE = 9 };

static int matrix[ROWS][COLUMNS], row_of[ROWS], count_of[ROWS];
static double values[ROWS][COLUMNS], mean_of[ROWS];

static int at(int i, int j) { return (i * 7 + j * 3) % 11; }

static void fill(void)
{
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            matrix[i][j] = at(i, j);
            values[i][j] = i - j;
        }
}

/* Each iteration of the league's loop has a loop of its own. */
static void two_levels(void)
{
    #pragma omp target teams distribute map(from : matrix)
    for (int i = 0; i < ROWS; i++) {
        #pragma omp parallel for
        for (int j = 0; j < COLUMNS; j++)
            matrix[i][j] = at(i, j) + 1;
    }
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            CHECK(matrix[i][j] == at(i, j) + 1);
}

static void reduced(void)
{
    fill();
    #pragma omp target teams distribute map(to : matrix) map(from : row_of)
    for (int i = 0; i < ROWS; i++) {
        int sum = i;
        #pragma omp parallel for reduction(+ : sum)
        for (int j = 0; j < COLUMNS; j++)
            sum += matrix[i][j];
        row_of[i] = sum;
    }
    for (int i = 0; i < ROWS; i++) {
        int sum = i;
        for (int j = 0; j < COLUMNS; j++)
            sum += at(i, j);
        CHECK(row_of[i] == sum);
    }
}

/* Which loop there is depends on what the team has found out. */
static void chosen(void)
{
    fill();
    #pragma omp target teams distribute map(tofrom : matrix) map(from : row_of)
    for (int i = 0; i < ROWS; i++) {
        int greatest = -1, place = -1;
        for (int j = 0; j < COLUMNS; j++)
            if (matrix[i][j] > greatest) {
                greatest = matrix[i][j];
                place = j;
            }
        row_of[i] = place;
        if (place % 2) {
            #pragma omp parallel for
            for (int j = 0; j < COLUMNS; j++)
                matrix[i][j] += place;
        } else {
            #pragma omp parallel for
            for (int j = 0; j < COLUMNS; j++)
                matrix[i][j] -= greatest;
            matrix[i][0] = 1000;
        }
    }
    for (int i = 0; i < ROWS; i++) {
        int place = 0;
        for (int j = 1; j < COLUMNS; j++)
            if (at(i, j) > at(i, place))
                place = j;
        CHECK(row_of[i] == place);
        for (int j = 0; j < COLUMNS; j++) {
            int other = j == 0 ? 1000 : at(i, j) - at(i, place);
            CHECK(matrix[i][j] == (place % 2 ? at(i, j) + place : other));
        }
    }
}

/* A loop reads what others have written before it; reductions with different operations. */
static void in_turn(void)
{
    fill();
    #pragma omp target teams distribute map(tofrom : values) map(from : mean_of)
    for (int i = 0; i < ROWS; i++) {
        double greatest = -1e30, sum = 0;
        int n = 0;
        #pragma omp parallel for
        for (int j = 0; j < COLUMNS; j++)
            values[i][j] = values[i][j] * 2 + 1;
        #pragma omp parallel for reduction(max : greatest)
        for (int j = 0; j < COLUMNS; j++) {
            double value = values[i][COLUMNS - 1 - j];
            greatest = value > greatest ? value : greatest;
        }
        #pragma omp parallel for reduction(+ : sum, n)
        for (int j = 0; j < COLUMNS; j++) {
            sum += values[i][j];
            n++;
        }
        mean_of[i] = sum / n - greatest;
    }
    for (int i = 0; i < ROWS; i++) {
        double sum = 0;
        for (int j = 0; j < COLUMNS; j++)
            sum += (i - j) * 2.0 + 1;
        CHECK(mean_of[i] == sum / COLUMNS - (i * 2.0 + 1));
    }
}

#pragma omp declare target
__attribute__((noinline)) static void number_row(int *row, int n, int first)
{
    #pragma omp parallel for
    for (int j = 0; j < n; j++)
        row[j] = first + j;
}

__attribute__((noinline)) static int weighed(const int *table, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += table[i] * (i + 1);
    return sum;
}
#pragma omp end declare target

/* The parallel region is in a function that the team calls. */
static void orphaned(void)
{
    #pragma omp target teams distribute map(from : matrix)
    for (int i = 0; i < ROWS; i++)
        number_row(matrix[i], COLUMNS, i * 100);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            CHECK(matrix[i][j] == i * 100 + j);
}

/* Chunks go to the teams in turn. */
static void in_chunks(void)
{
    int first_of[4] = {0};
    #pragma omp target teams distribute dist_schedule(static, 3) num_teams(4) thread_limit(32)                         \
        map(tofrom : first_of) map(from : row_of, count_of, matrix)
    for (int i = 0; i < ROWS; i++) {
        row_of[i] = omp_get_team_num();
        count_of[i] = omp_get_num_teams();
        #pragma omp atomic
        first_of[omp_get_team_num()]++;
        #pragma omp parallel for
        for (int j = 0; j < COLUMNS; j++)
            matrix[i][j] = omp_get_team_num() * 1000 + j;
    }
    int all = 0;
    for (int team = 0; team < 4; team++)
        all += first_of[team];
    CHECK(all == ROWS);
    for (int i = 0; i < ROWS; i++) {
        CHECK(count_of[i] >= 1 && count_of[i] <= 4);
        CHECK(row_of[i] == i / 3 % count_of[i]);
        CHECK(matrix[i][COLUMNS - 1] == row_of[i] * 1000 + COLUMNS - 1);
    }
}

/* The serial code of a team is executed once. */
static void tickets(void)
{
    int next = 0;
    for (int i = 0; i < ROWS; i++)
        count_of[i] = 0;
    #pragma omp target teams distribute map(tofrom : next, count_of) map(from : matrix)
    for (int i = 0; i < ROWS; i++) {
        int ticket;
        #pragma omp atomic capture
        ticket = next++;
        if (ticket >= 0 && ticket < ROWS) {
            count_of[ticket]++;
            #pragma omp parallel for
            for (int j = 0; j < COLUMNS; j++)
                matrix[ticket][j] = ticket + j;
        }
    }
    CHECK(next == ROWS);
    for (int i = 0; i < ROWS; i++) {
        CHECK(count_of[i] == 1);
        CHECK(matrix[i][COLUMNS - 1] == i + COLUMNS - 1);
    }
}

/* Each team has a table, which its members read. */
static void tables(void)
{
    #pragma omp target teams distribute map(from : matrix)
    for (int i = 0; i < ROWS; i++) {
        int table[TABLE];
        for (int k = 0; k < TABLE; k++)
            table[k] = i * k + 1;
        #pragma omp parallel for
        for (int j = 0; j < COLUMNS; j++)
            matrix[i][j] = table[j % TABLE] + weighed(table, j % TABLE);
    }
    for (int i = 0; i < ROWS; i++) {
        int table[TABLE];
        for (int k = 0; k < TABLE; k++)
            table[k] = i * k + 1;
        for (int j = 0; j < COLUMNS; j++)
            CHECK(matrix[i][j] == table[j % TABLE] + weighed(table, j % TABLE));
    }
}

/* A parallel region of one thread goes through its iterations in order. */
static void of_one(void)
{
    #pragma omp target teams distribute map(tofrom : matrix)
    for (int i = 0; i < ROWS; i++) {
        matrix[i][0] = i;
        #pragma omp parallel for num_threads(1)
        for (int j = 1; j < COLUMNS; j++)
            matrix[i][j] = matrix[i][j - 1] + 1;
    }
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            CHECK(matrix[i][j] == i + j);
}

/* All teams execute what is not distributed. */
static void each_team(void)
{
    #pragma omp target teams num_teams(5) map(from : matrix) map(tofrom : count_of)
    {
        int team = omp_get_team_num();
        count_of[team] = omp_get_num_teams();
        #pragma omp parallel for
        for (int j = 0; j < COLUMNS; j++)
            matrix[team][j] = team * j;
    }
    CHECK(count_of[0] >= 1 && count_of[0] <= 5);
    for (int team = 0; team < count_of[0] && team < 5; team++)
        for (int j = 0; j < COLUMNS; j++)
            CHECK(matrix[team][j] == team * j);
}

static void schedules(void)
{
    #pragma omp target teams distribute map(tofrom : matrix)
    for (int i = 0; i < ROWS; i++) {
        #pragma omp parallel for schedule(dynamic, 4)
        for (int j = 0; j < COLUMNS; j++)
            matrix[i][j] = j;
        #pragma omp parallel for schedule(static, 5)
        for (int j = 0; j < COLUMNS; j++)
            matrix[i][j] += i;
        #pragma omp parallel for simd schedule(guided)
        for (int j = COLUMNS - 1; j >= 0; j--)
            matrix[i][j] *= 2;
    }
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            CHECK(matrix[i][j] == 2 * (i + j));
}

static void last_value(void)
{
    int last = -5, first = 3;
    #pragma omp target teams distribute map(from : matrix) lastprivate(last) firstprivate(first) map(tofrom : last)
    for (int i = 0; i < ROWS; i++) {
        last = i * 2 + first;
        #pragma omp parallel for firstprivate(first)
        for (int j = 0; j < COLUMNS; j++)
            matrix[i][j] = last + first + j;
    }
    CHECK(last == 2 * (ROWS - 1) + 3);
    for (int i = 0; i < ROWS; i++)
        CHECK(matrix[i][4] == i * 2 + 3 + 3 + 4);
}

int main(void)
{
    two_levels();
    reduced();
    chosen();
    in_turn();
    orphaned();
    in_chunks();
    tickets();
    tables();
    of_one();
    each_team();
    schedules();
    last_value();
    return check_result("target_league");
}
