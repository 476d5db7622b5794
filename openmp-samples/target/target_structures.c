/* target_structures: arrays whose pointers are in structures, which the host or the device changes between launches. */
#include "../constructs/check.h"
#include <omp.h>
#include <stdlib.h>

enum { N = 100 };

struct grid {
    int count;
    double *from, *to;
    int *order;
};

static void add(const struct grid *grid, double by)
{
    #pragma omp target teams distribute parallel for map(to : grid[0 : 1])
    for (int i = 0; i < grid->count; i++)
        grid->to[i] = grid->from[grid->order[i]] + by;
}

static double sum(const struct grid *grid)
{
    double sum = 0;
    #pragma omp target teams distribute parallel for reduction(+ : sum) map(to : grid[0 : 1])
    for (int i = 0; i < grid->count; i++)
        sum += grid->to[i];
    return sum;
}

static struct grid new_grid(void)
{
    struct grid grid = {N, malloc(N * sizeof(double)), malloc(N * sizeof(double)), malloc(N * sizeof(int))};
    for (int i = 0; i < N; i++) {
        grid.from[i] = i;
        grid.to[i] = 0;
        grid.order[i] = N - 1 - i;
    }
    return grid;
}

static void delete_grid(struct grid *grid)
{
    free(grid->from), free(grid->to), free(grid->order);
}

/* The pointers change places with each launch. A device with memory of its own has them as they were until it is told. */
static void swapped(void)
{
    struct grid grid = new_grid();
    double *one = grid.from, *other = grid.to;
    #pragma omp target enter data map(to : grid, grid.from[0 : N], grid.to[0 : N], grid.order[0 : N])
    for (int k = 0; k < 6; k++) {
        add(&grid, 1);
        CHECK(sum(&grid) == N * (N - 1) / 2 + N * (k + 1));
        double *from = grid.from;
        grid.from = grid.to;
        grid.to = from;
        #pragma omp target update to(grid.from, grid.to)
    }
    if (omp_get_num_devices() > 0)
        grid.from = grid.to = NULL;
    add(&grid, 100);
    #pragma omp target update from(grid.from, grid.to)
    CHECK(grid.from == one && grid.to == other);
    #pragma omp target exit data map(from : grid.from[0 : N], grid.to[0 : N]) map(release : grid.order[0 : N], grid)
    for (int i = 0; i < N; i++)
        CHECK(one[i] == (i + 6) && other[i] == N - 1 - i + 106);
    delete_grid(&grid);
}

/* A region that changes the structure that others, and it itself, read. */
static void changed(void)
{
    struct grid grid = new_grid();
    #pragma omp target enter data map(to : grid, grid.from[0 : N], grid.to[0 : N], grid.order[0 : N])
    #pragma omp target
    grid.count = N / 2;
    add(&grid, 1);
    CHECK(sum(&grid) == N * N / 2 - N / 2 * (N / 2 - 1) / 2 - N / 2 + N / 2);
    #pragma omp target teams distribute parallel for
    for (int i = 0; i < N; i++) {
        grid.to[i] = grid.from[i];
        if (i == 0)
            grid.count = N;
    }
    CHECK(sum(&grid) == N * (N - 1) / 2);
    #pragma omp target exit data map(release : grid.from[0 : N], grid.to[0 : N], grid.order[0 : N], grid)
    delete_grid(&grid);
}

/* A pointer to the end of what is mapped, beside which something else is. */
static void ends(void)
{
    double *all = malloc(2 * N * sizeof(double)), *to = malloc(N * sizeof(double));
    struct {
        double *end, *to;
        int count;
    } view = {all + N, to, N};
    double *rest = all + N;
    #pragma omp target enter data map(alloc : all[0 : N], rest[0 : N], to[0 : N])
    for (int i = 0; i < N; i++)
        all[i] = i, rest[i] = -1;
    #pragma omp target update to(all[0 : N], rest[0 : N])
    #pragma omp target teams distribute parallel for map(to : view)
    for (int i = 0; i < N; i++)
        view.end[i - view.count] += 1;
    #pragma omp target teams distribute parallel for map(to : view)
    for (int i = 0; i < N; i++)
        view.to[i] = view.end[i - view.count];
    #pragma omp target exit data map(from : to[0 : N], all[0 : N]) map(release : rest[0 : N])
    for (int i = 0; i < N; i++)
        CHECK(to[i] == i + 1 && all[i] == i + 1);
    free(all), free(to);
}

/* More structures than launches are planned for, and pointers that are no multiples of what they point to. */
static void many(void)
{
    enum { MANY = 20 };
    char *bytes = malloc(N * sizeof(double) + MANY);
    double *from = malloc(N * sizeof(double));
    for (int i = 0; i < N; i++)
        from[i] = i;
    #pragma omp target enter data map(to : from[0 : N]) map(alloc : bytes[0 : N * sizeof(double) + MANY])
    for (int k = 0; k < MANY; k++) {
        struct {
            double *from;
            char *to;
        } both = {from, bytes + k};
        double sum = 0;
        #pragma omp target teams distribute parallel for map(to : both)
        for (int i = 0; i < N; i++) {
            double value = both.from[i] + k;
            __builtin_memcpy(both.to + i * sizeof value, &value, sizeof value);
        }
        #pragma omp target teams distribute parallel for map(to : both) reduction(+ : sum)
        for (int i = 0; i < N; i++) {
            double value;
            __builtin_memcpy(&value, both.to + i * sizeof value, sizeof value);
            sum += value;
        }
        CHECK(sum == N * (N - 1) / 2 + N * k);
    }
    #pragma omp target exit data map(release : from[0 : N], bytes[0 : N * sizeof(double) + MANY])
    free(bytes), free(from);
}

int main(void)
{
    swapped();
    changed();
    ends();
    many();
    return check_result("target_structures");
}
