/*
 * loops: plain loops such as programs are full of, for a look at the code that
 * compilers make of them.
 *
 *   loops [filter [passes]]
 *
 * Each line of output is "NAME SECONDS CHECKSUM": the elapsed time of all passes
 * over the arrays, and a sum that depends on every element of the result; lines
 * that start with # are comments. Only loops whose name contains the filter are
 * measured. The number of threads is OMP_NUM_THREADS. By default a loop makes
 * the passes that take some 0.2 s on two processors at 128 bits.
 *
 * The arrays of a loop fit the second-level caches of two processors. All
 * values are small multiples of a power of two, so that the floating-point
 * results are exact, and one checksum is right for every compiler, every order
 * of additions, and every number of threads.
 */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory) {
        printf("# ERROR: no memory\n");
        exit(1);
    }
    return memory;
}

/* A repeatable sequence of numbers below the limit. */
static int below(int limit)
{
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return (int)((state >> 8) % (uint32_t)limit);
}

/* The arrays of the loop that is measured. */
static double *left, *right, *result;
static float *matrix, *vector, *product;
static int32_t *numbers;
static int32_t *row_start, *column_of;
static uint8_t *image, *blurred;

static double *doubles(int count, int limit)
{
    double *array = allocate((size_t)count, sizeof *array);
    for (int i = 0; i < count; i++)
        array[i] = limit ? below(limit) : 0;
    return array;
}

/* Elements count differently by their place, so that exchanged ones are seen. */
static double sum_of_doubles(const double *array, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += array[i] * (i % 7 + 1);
    return sum;
}

/* dgemm: result += left * right, by blocks. */
enum { ORDER = 256, BLOCK = 32 };

static void dgemm_set_up(void)
{
    left = doubles(ORDER * ORDER, 4);
    right = doubles(ORDER * ORDER, 4);
    result = doubles(ORDER * ORDER, 0);
}

static void multiply_blocks(double *c, const double *a, const double *b)
{
    for (int i = 0; i < BLOCK; i++)
        for (int k = 0; k < BLOCK; k++)
            for (int j = 0; j < BLOCK; j++)
                c[i * ORDER + j] += a[i * ORDER + k] * b[k * ORDER + j];
}

static void dgemm_pass(void)
{
    double *c = result;
    const double *a = left, *b = right;
    #pragma omp parallel for
    for (int i = 0; i < ORDER; i += BLOCK)
        for (int k = 0; k < ORDER; k += BLOCK)
            for (int j = 0; j < ORDER; j += BLOCK)
                multiply_blocks(c + i * ORDER + j, a + i * ORDER + k, b + k * ORDER + j);
}

static double dgemm_sum(void)
{
    return sum_of_doubles(result, ORDER * ORDER);
}

/* stencil: a star that reads five points of a row and five of a column, and
 * adds each of them to the result in memory. */
enum { SIDE = 400, RADIUS = 2, STAR = 2 * RADIUS + 1 };

static double weight[STAR][STAR];

static void stencil_set_up(void)
{
    for (int d = 1; d <= RADIUS; d++) {
        weight[RADIUS][RADIUS + d] = weight[RADIUS + d][RADIUS] = 1.0 / (2 * RADIUS * d);
        weight[RADIUS][RADIUS - d] = weight[RADIUS - d][RADIUS] = -1.0 / (2 * RADIUS * d);
    }
    left = doubles(SIDE * SIDE, 64);
    result = doubles(SIDE * SIDE, 0);
}

static void stencil_pass(void)
{
    const double *in = left;
    double *out = result;
    #pragma omp parallel for
    for (int i = RADIUS; i < SIDE - RADIUS; i++)
        for (int j = RADIUS; j < SIDE - RADIUS; j++) {
            for (int d = -RADIUS; d <= RADIUS; d++)
                out[i * SIDE + j] += weight[RADIUS][RADIUS + d] * in[i * SIDE + j + d];
            for (int d = -RADIUS; d <= RADIUS; d++)
                out[i * SIDE + j] += weight[RADIUS + d][RADIUS] * in[(i + d) * SIDE + j];
        }
}

static double stencil_sum(void)
{
    return sum_of_doubles(result, SIDE * SIDE);
}

/* transpose: result += the transpose of left, by tiles. */
enum { ROWS = 448, TILE = 32 };

static void transpose_set_up(void)
{
    left = doubles(ROWS * ROWS, 64);
    result = doubles(ROWS * ROWS, 0);
}

static void transpose_pass(void)
{
    const double *in = left;
    double *out = result;
    #pragma omp parallel for
    for (int row = 0; row < ROWS; row += TILE)
        for (int column = 0; column < ROWS; column += TILE)
            for (int i = row; i < row + TILE; i++)
                for (int j = column; j < column + TILE; j++)
                    out[i * ROWS + j] += in[j * ROWS + i];
}

static double transpose_sum(void)
{
    return sum_of_doubles(result, ROWS * ROWS);
}

/* spmv: a sparse matrix in compressed rows, times a vector. */
enum { EQUATIONS = 16000, PER_ROW = 19 };

static void spmv_set_up(void)
{
    row_start = allocate(EQUATIONS + 1, sizeof *row_start);
    for (int i = 0; i < EQUATIONS; i++)
        row_start[i + 1] = row_start[i] + 1 + below(PER_ROW);
    const int count = row_start[EQUATIONS];
    column_of = allocate((size_t)count, sizeof *column_of);
    for (int k = 0; k < count; k++)
        column_of[k] = below(EQUATIONS);
    left = doubles(count, 16);
    right = doubles(EQUATIONS, 16);
    result = doubles(EQUATIONS, 0);
}

static void spmv_pass(void)
{
    const int32_t *start = row_start, *column = column_of;
    const double *value = left, *x = right;
    double *y = result;
    #pragma omp parallel for
    for (int i = 0; i < EQUATIONS; i++) {
        double sum = 0;
        for (int32_t k = start[i]; k < start[i + 1]; k++)
            sum += value[k] * x[column[k]];
        y[i] = sum;
    }
}

static double spmv_sum(void)
{
    return sum_of_doubles(result, EQUATIONS);
}

/* matvec: a matrix of floats times a vector, row by row. */
enum { HEIGHT = 512, WIDTH = 1000 };

static float *floats(int count, int limit)
{
    float *array = allocate((size_t)count, sizeof *array);
    for (int i = 0; i < count; i++)
        array[i] = (float)below(limit);
    return array;
}

static void matvec_set_up(void)
{
    matrix = floats(HEIGHT * WIDTH, 16);
    vector = floats(WIDTH, 16);
    product = allocate(HEIGHT, sizeof *product);
}

static void matvec_pass(void)
{
    const float *a = matrix, *x = vector;
    float *y = product;
    #pragma omp parallel for
    for (int i = 0; i < HEIGHT; i++) {
        float sum = 0;
        for (int j = 0; j < WIDTH; j++)
            sum += a[i * WIDTH + j] * x[j];
        y[i] = sum;
    }
}

static double matvec_sum(void)
{
    double sum = 0;
    for (int i = 0; i < HEIGHT; i++)
        sum += (double)product[i] * (i % 7 + 1);
    return sum;
}

/* reduction: a sum of integers, whose terms depend on conditions. */
enum { NUMBERS = 900000, MIDDLE = 500 };

static int64_t reduced;

static void reduction_set_up(void)
{
    numbers = allocate(NUMBERS, sizeof *numbers);
    for (int i = 0; i < NUMBERS; i++)
        numbers[i] = below(2 * MIDDLE);
    reduced = 0;
}

static void reduction_pass(void)
{
    const int32_t *n = numbers;
    int sum = 0;
    #pragma omp parallel for reduction(+ : sum)
    for (int i = 0; i < NUMBERS; i++) {
        int value;
        if (n[i] > MIDDLE)
            value = 3 * n[i];
        else if (n[i] & 1)
            value = n[i] >> 1;
        else
            value = 1;
        sum += value;
    }
    reduced += sum;
}

static double reduction_sum(void)
{
    return (double)reduced;
}

/* blur: the weighted mean of nine bytes. */
enum { LINES = 1000, PIXELS = 1000 };

static void blur_set_up(void)
{
    image = allocate(LINES * PIXELS, sizeof *image);
    blurred = allocate(LINES * PIXELS, sizeof *blurred);
    for (int i = 0; i < LINES * PIXELS; i++)
        image[i] = (uint8_t)below(256);
}

static void blur_line(uint8_t *to, const uint8_t *above, const uint8_t *here, const uint8_t *under)
{
    for (int j = 1; j < PIXELS - 1; j++) {
        const int sum = above[j - 1] + 2 * above[j] + above[j + 1]
                      + 2 * here[j - 1] + 4 * here[j] + 2 * here[j + 1]
                      + under[j - 1] + 2 * under[j] + under[j + 1];
        to[j] = (uint8_t)((sum + 8) >> 4);
    }
}

static void blur_pass(void)
{
    const uint8_t *from = image;
    uint8_t *to = blurred;
    #pragma omp parallel for
    for (int i = 1; i < LINES - 1; i++)
        blur_line(to + i * PIXELS, from + (i - 1) * PIXELS, from + i * PIXELS, from + (i + 1) * PIXELS);
}

static double blur_sum(void)
{
    double sum = 0;
    for (int i = 0; i < LINES * PIXELS; i++)
        sum += blurred[i] * (i % 7 + 1);
    return sum;
}

struct loop {
    const char *name;
    int passes;
    void (*set_up)(void);
    void (*pass)(void);
    double (*sum)(void);
};

static const struct loop LOOPS[] = {
    {"dgemm", 100, dgemm_set_up, dgemm_pass, dgemm_sum},
    {"stencil", 2000, stencil_set_up, stencil_pass, stencil_sum},
    {"transpose", 5000, transpose_set_up, transpose_pass, transpose_sum},
    {"spmv", 2000, spmv_set_up, spmv_pass, spmv_sum},
    {"matvec", 1600, matvec_set_up, matvec_pass, matvec_sum},
    {"reduction", 2500, reduction_set_up, reduction_pass, reduction_sum},
    {"blur", 1000, blur_set_up, blur_pass, blur_sum},
};

static void free_arrays(void)
{
    free(left), free(right), free(result);
    free(matrix), free(vector), free(product);
    free(numbers), free(row_start), free(column_of);
    free(image), free(blurred);
    left = right = result = NULL;
    matrix = vector = product = NULL;
    numbers = row_start = column_of = NULL;
    image = blurred = NULL;
}

/* The passes of a loop, after one that starts the team and warms the caches. */
static void measure(const struct loop *loop, int passes)
{
    loop->set_up();
    loop->pass();
    const double start = omp_get_wtime();
    for (int i = 0; i < passes; i++)
        loop->pass();
    const double seconds = omp_get_wtime() - start;
    printf("%s %.6f %.15g\n", loop->name, seconds, loop->sum());
    fflush(stdout);
    free_arrays();
}

int main(int argc, char **argv)
{
    const int count = (int)(sizeof LOOPS / sizeof *LOOPS);
    const char *filter = argc > 1 ? argv[1] : "";
    const long passes = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (argc > 3 || (argc > 2 && (passes < 1 || passes > 1000000))) {
        printf("usage: %s [filter [passes]]\n", argv[0]);
        return 2;
    }
    int matches = 0;
    for (int i = 0; i < count; i++)
        if (strstr(LOOPS[i].name, filter)) {
            measure(&LOOPS[i], passes ? (int)passes : LOOPS[i].passes);
            matches++;
        }
    if (!matches)
        printf("# no loop's name contains '%s'\n", filter);
    return matches ? 0 : 2;
}
