/*
 * task_kernels: algorithms that live on tasks.
 *
 *   task_kernels [filter [repetitions]]
 *
 * Each line of output is "NAME MEDIAN MINIMUM", in nanoseconds of elapsed time
 * for the whole problem; lines that start with # are comments. Only kernels
 * whose name contains the filter are measured. Each checks its result. The
 * number of threads is OMP_NUM_THREADS.
 */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A repeatable sequence of numbers. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (!memory) {
        printf("# ERROR: no memory\n");
        exit(1);
    }
    return memory;
}

/* Each kernel returns whether its result is right, and stores the seconds. */

/* fib: the Fibonacci numbers by their definition, a task for each call. */
enum { FIB = 32, FIB_VALUE = 2178309 };

static int fib(int n)
{
    int left, right;
    if (n < 2)
        return n;
    #pragma omp task shared(left)
    left = fib(n - 1);
    #pragma omp task shared(right)
    right = fib(n - 2);
    #pragma omp taskwait
    return left + right;
}

static int kernel_fib(double *seconds)
{
    int value = 0;
    const double start = omp_get_wtime();
    #pragma omp parallel
    #pragma omp single
    value = fib(FIB);
    *seconds = omp_get_wtime() - start;
    return value == FIB_VALUE;
}

/* nqueens: places queens row by row, a task for each place. */
enum { QUEENS = 11, QUEENS_WAYS = 2680 };

static int is_free(const char *columns, int row, int column)
{
    for (int i = 0; i < row; i++)
        if (columns[i] == column || columns[i] - i == column - row || columns[i] + i == column + row)
            return 0;
    return 1;
}

static int queens(int row, const char *columns)
{
    int ways[QUEENS] = {0}, sum = 0;
    if (row == QUEENS)
        return 1;
    for (int column = 0; column < QUEENS; column++) {
        if (!is_free(columns, row, column))
            continue;
        #pragma omp task shared(ways) firstprivate(column, row, columns)
        {
            char more[QUEENS];
            memcpy(more, columns, (size_t)row);
            more[row] = (char)column;
            ways[column] = queens(row + 1, more);
        }
    }
    #pragma omp taskwait
    for (int column = 0; column < QUEENS; column++)
        sum += ways[column];
    return sum;
}

static int kernel_nqueens(double *seconds)
{
    int ways = 0;
    const char none[QUEENS] = {0};
    const double start = omp_get_wtime();
    #pragma omp parallel
    #pragma omp single
    ways = queens(0, none);
    *seconds = omp_get_wtime() - start;
    return ways == QUEENS_WAYS;
}

/* sort: merge sort, whose merges are divided, too. */
enum { SORT = 1 << 20, SORT_SMALL = 32 };

static int compare_numbers(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static void insertion_sort(uint32_t *numbers, int n)
{
    for (int i = 1; i < n; i++) {
        const uint32_t number = numbers[i];
        int j = i;
        for (; j > 0 && numbers[j - 1] > number; j--)
            numbers[j] = numbers[j - 1];
        numbers[j] = number;
    }
}

/* How many of n ascending numbers are below a number. */
static int below(const uint32_t *numbers, int n, uint32_t number)
{
    int low = 0, high = n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void merge(const uint32_t *a, int na, const uint32_t *b, int nb, uint32_t *into)
{
    if (na < nb) {
        merge(b, nb, a, na, into);
        return;
    }
    if (na + nb <= SORT_SMALL * 16) {
        int i = 0, j = 0;
        while (i < na && j < nb)
            *into++ = a[i] <= b[j] ? a[i++] : b[j++];
        while (i < na)
            *into++ = a[i++];
        while (j < nb)
            *into++ = b[j++];
        return;
    }
    const int half = na / 2, split = below(b, nb, a[half]);
    #pragma omp task
    merge(a, half, b, split, into);
    #pragma omp task
    merge(a + half, na - half, b + split, nb - split, into + half + split);
    #pragma omp taskwait
}

/* Sorts n numbers; `scratch` has room for as many. */
static void sort(uint32_t *numbers, uint32_t *scratch, int n)
{
    if (n <= SORT_SMALL) {
        insertion_sort(numbers, n);
        return;
    }
    const int half = n / 2, quarter = half / 2, rest = n - half, rest_half = rest / 2;
    #pragma omp task
    sort(numbers, scratch, quarter);
    #pragma omp task
    sort(numbers + quarter, scratch + quarter, half - quarter);
    #pragma omp task
    sort(numbers + half, scratch + half, rest_half);
    #pragma omp task
    sort(numbers + half + rest_half, scratch + half + rest_half, rest - rest_half);
    #pragma omp taskwait
    #pragma omp task
    merge(numbers, quarter, numbers + quarter, half - quarter, scratch);
    #pragma omp task
    merge(numbers + half, rest_half, numbers + half + rest_half, rest - rest_half, scratch + half);
    #pragma omp taskwait
    merge(scratch, half, scratch + half, rest, numbers);
}

static int kernel_sort(double *seconds)
{
    uint32_t *numbers = allocate(2 * SORT * sizeof *numbers), state = 1;
    uint64_t before = 0, after = 0;
    for (int i = 0; i < SORT; i++)
        before += numbers[i] = next_random(&state);
    const double start = omp_get_wtime();
    #pragma omp parallel
    #pragma omp single
    sort(numbers, numbers + SORT, SORT);
    *seconds = omp_get_wtime() - start;
    int is_right = 1;
    for (int i = 0; i < SORT; i++) {
        after += numbers[i];
        is_right &= i == 0 || compare_numbers(&numbers[i - 1], &numbers[i]) <= 0;
    }
    free(numbers);
    return is_right && before == after;
}

/* strassen: the product of matrices by seven products of halves. */
enum { MATRIX = 256, MATRIX_SMALL = 32 };

/* into = a + sign * b, for squares in matrices whose rows are so far apart */
static void combine(int n, const double *a, int a_row, double sign, const double *b, int b_row, double *into, int into_row)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            into[i * into_row + j] = a[i * a_row + j] + sign * b[i * b_row + j];
}

static void multiply_small(int n, const double *a, int a_row, const double *b, int b_row, double *c, int c_row)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            c[i * c_row + j] = 0;
        for (int k = 0; k < n; k++)
            for (int j = 0; j < n; j++)
                c[i * c_row + j] += a[i * a_row + k] * b[k * b_row + j];
    }
}

static void strassen(int n, const double *a, int a_row, const double *b, int b_row, double *c, int c_row)
{
    if (n <= MATRIX_SMALL) {
        multiply_small(n, a, a_row, b, b_row, c, c_row);
        return;
    }
    const int h = n / 2;
    const double *a11 = a, *a12 = a + h, *a21 = a + h * a_row, *a22 = a21 + h;
    const double *b11 = b, *b12 = b + h, *b21 = b + h * b_row, *b22 = b21 + h;
    double *c11 = c, *c12 = c + h, *c21 = c + h * c_row, *c22 = c21 + h;
    const size_t size = (size_t)h * h;
    double *room = allocate(17 * size * sizeof *room), *m[7], *s[10];
    for (int i = 0; i < 7; i++)
        m[i] = room + i * size;
    for (int i = 0; i < 10; i++)
        s[i] = room + (7 + i) * size;
    combine(h, a11, a_row, 1, a22, a_row, s[0], h);
    combine(h, b11, b_row, 1, b22, b_row, s[1], h);
    combine(h, a21, a_row, 1, a22, a_row, s[2], h);
    combine(h, b12, b_row, -1, b22, b_row, s[3], h);
    combine(h, b21, b_row, -1, b11, b_row, s[4], h);
    combine(h, a11, a_row, 1, a12, a_row, s[5], h);
    combine(h, a21, a_row, -1, a11, a_row, s[6], h);
    combine(h, b11, b_row, 1, b12, b_row, s[7], h);
    combine(h, a12, a_row, -1, a22, a_row, s[8], h);
    combine(h, b21, b_row, 1, b22, b_row, s[9], h);
    #pragma omp task
    strassen(h, s[0], h, s[1], h, m[0], h);
    #pragma omp task
    strassen(h, s[2], h, b11, b_row, m[1], h);
    #pragma omp task
    strassen(h, a11, a_row, s[3], h, m[2], h);
    #pragma omp task
    strassen(h, a22, a_row, s[4], h, m[3], h);
    #pragma omp task
    strassen(h, s[5], h, b22, b_row, m[4], h);
    #pragma omp task
    strassen(h, s[6], h, s[7], h, m[5], h);
    #pragma omp task
    strassen(h, s[8], h, s[9], h, m[6], h);
    #pragma omp taskwait
    for (int i = 0; i < h; i++)
        for (int j = 0; j < h; j++) {
            const size_t at = (size_t)i * h + j;
            c11[i * c_row + j] = m[0][at] + m[3][at] - m[4][at] + m[6][at];
            c12[i * c_row + j] = m[2][at] + m[4][at];
            c21[i * c_row + j] = m[1][at] + m[3][at];
            c22[i * c_row + j] = m[0][at] - m[1][at] + m[2][at] + m[5][at];
        }
    free(room);
}

static int kernel_strassen(double *seconds)
{
    const size_t size = (size_t)MATRIX * MATRIX;
    double *a = allocate(3 * size * sizeof *a), *b = a + size, *c = b + size;
    for (size_t i = 0; i < size; i++) {
        a[i] = (double)(i % 7) - 3;
        b[i] = (double)(i % 5) - 2;
    }
    const double start = omp_get_wtime();
    #pragma omp parallel
    #pragma omp single
    strassen(MATRIX, a, MATRIX, b, MATRIX, c, MATRIX);
    *seconds = omp_get_wtime() - start;
    /* Small whole numbers: every sum is exact. */
    int is_right = 1;
    for (int i = 0; i < MATRIX; i += 5)
        for (int j = 0; j < MATRIX; j += 3) {
            double sum = 0;
            for (int k = 0; k < MATRIX; k++)
                sum += a[i * MATRIX + k] * b[k * MATRIX + j];
            is_right &= sum == c[i * MATRIX + j];
        }
    free(a);
    return is_right;
}

/* sparselu: the factors of a matrix of blocks, many of which are zero. */
enum { BLOCKS = 24, BLOCK = 16 };
typedef double block[BLOCK][BLOCK];

static void factorise(block *diagonal)
{
    for (int k = 0; k < BLOCK; k++)
        for (int i = k + 1; i < BLOCK; i++) {
            (*diagonal)[i][k] /= (*diagonal)[k][k];
            for (int j = k + 1; j < BLOCK; j++)
                (*diagonal)[i][j] -= (*diagonal)[i][k] * (*diagonal)[k][j];
        }
}

static void solve_row(const block *diagonal, block *right)
{
    for (int k = 0; k < BLOCK; k++)
        for (int i = k + 1; i < BLOCK; i++)
            for (int j = 0; j < BLOCK; j++)
                (*right)[i][j] -= (*diagonal)[i][k] * (*right)[k][j];
}

static void solve_column(const block *diagonal, block *lower)
{
    for (int i = 0; i < BLOCK; i++)
        for (int k = 0; k < BLOCK; k++) {
            (*lower)[i][k] /= (*diagonal)[k][k];
            for (int j = k + 1; j < BLOCK; j++)
                (*lower)[i][j] -= (*lower)[i][k] * (*diagonal)[k][j];
        }
}

static void update(const block *lower, const block *right, block *inner)
{
    for (int i = 0; i < BLOCK; i++)
        for (int k = 0; k < BLOCK; k++)
            for (int j = 0; j < BLOCK; j++)
                (*inner)[i][j] -= (*lower)[i][k] * (*right)[k][j];
}

static block *matrix[BLOCKS][BLOCKS];

static void fill_matrix(void)
{
    uint32_t state = 7;
    for (int i = 0; i < BLOCKS; i++)
        for (int j = 0; j < BLOCKS; j++) {
            matrix[i][j] = NULL;
            if (i != j && next_random(&state) % 3 != 0)
                continue;
            matrix[i][j] = allocate(sizeof(block));
            for (int k = 0; k < BLOCK; k++)
                for (int l = 0; l < BLOCK; l++)
                    (*matrix[i][j])[k][l] = (double)(next_random(&state) % 100) / 100 + (i == j && k == l) * 1000;
        }
}

static void sparselu(void)
{
    for (int k = 0; k < BLOCKS; k++) {
        factorise(matrix[k][k]);
        for (int j = k + 1; j < BLOCKS; j++) {
            if (matrix[k][j])
                #pragma omp task firstprivate(j, k)
                solve_row(matrix[k][k], matrix[k][j]);
            if (matrix[j][k])
                #pragma omp task firstprivate(j, k)
                solve_column(matrix[k][k], matrix[j][k]);
        }
        #pragma omp taskwait
        for (int i = k + 1; i < BLOCKS; i++)
            for (int j = k + 1; matrix[i][k] && j < BLOCKS; j++) {
                if (!matrix[k][j])
                    continue;
                if (!matrix[i][j]) {
                    matrix[i][j] = allocate(sizeof(block));
                    memset(matrix[i][j], 0, sizeof(block));
                }
                #pragma omp task firstprivate(i, j, k)
                update(matrix[i][k], matrix[k][j], matrix[i][j]);
            }
        #pragma omp taskwait
    }
}

static double sum_and_free(void)
{
    double sum = 0;
    for (int i = 0; i < BLOCKS; i++)
        for (int j = 0; j < BLOCKS; j++) {
            for (int k = 0; matrix[i][j] && k < BLOCK; k++)
                for (int l = 0; l < BLOCK; l++)
                    sum += (*matrix[i][j])[k][l];
            free(matrix[i][j]);
        }
    return sum;
}

static int kernel_sparselu(double *seconds)
{
    static double expected;
    if (expected == 0) {
        fill_matrix();
        sparselu(); /* by one thread */
        expected = sum_and_free();
    }
    fill_matrix();
    const double start = omp_get_wtime();
    #pragma omp parallel
    #pragma omp single
    sparselu();
    *seconds = omp_get_wtime() - start;
    return sum_and_free() == expected;
}

static const struct {
    const char *name;
    int (*run)(double *seconds);
} kernels[] = {
    {"fib", kernel_fib},
    {"nqueens", kernel_nqueens},
    {"sort", kernel_sort},
    {"strassen", kernel_strassen},
    {"sparselu", kernel_sparselu},
};
enum { KERNELS = sizeof kernels / sizeof *kernels, MOST_REPETITIONS = 1001 };

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    static double seconds[MOST_REPETITIONS];
    const char *filter = argc > 1 ? argv[1] : "";
    const long repetitions = argc > 2 ? strtol(argv[2], NULL, 10) : 3;
    if (argc > 3 || repetitions < 1 || repetitions > MOST_REPETITIONS) {
        printf("usage: task_kernels [filter [repetitions]]\n");
        return 2;
    }
    printf("# %d threads, %ld repetitions; name, median and minimum in ns\n", omp_get_max_threads(), repetitions);
    for (int i = 0; i < KERNELS; i++) {
        if (!strstr(kernels[i].name, filter))
            continue;
        for (int j = 0; j < repetitions; j++)
            if (!kernels[i].run(&seconds[j])) {
                printf("# ERROR: %s yields a wrong result\n", kernels[i].name);
                return 1;
            }
        qsort(seconds, (size_t)repetitions, sizeof *seconds, compare);
        const double median = (seconds[(repetitions - 1) / 2] + seconds[repetitions / 2]) / 2;
        printf("%s %.0f %.0f\n", kernels[i].name, 1e9 * median, 1e9 * seconds[0]);
        fflush(stdout);
    }
    return 0;
}
