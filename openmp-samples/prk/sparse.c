/*
 * sparse: the product of a sparse matrix in compressed rows and a vector. The
 * matrix is that of a periodic star-shaped stencil on a square grid, whose
 * points are numbered in bit-reversed order, so that the accesses to the
 * vector are irregular.
 *
 *   sparse [iterations [log2_side [radius]]]
 *
 * Every iteration first adds i + 1 to element i of the vector. The element of
 * the matrix in column i is 1/(i + 1): each of a row's entries therefore adds
 * the number of the iteration to the result.
 */
#include "prk.h"

static uint64_t reverse_bits(uint64_t value, int bits)
{
    uint64_t reversed = 0;
    for (; bits > 0; bits--, value >>= 1)
        reversed = reversed << 1 | (value & 1);
    return reversed;
}

/* The columns of one row of the matrix, in increasing order. */
static void fill_row(int64_t *columns, uint64_t row, int log2_side, int radius)
{
    const uint64_t side = UINT64_C(1) << log2_side;
    const uint64_t x = row & (side - 1), y = row >> log2_side;
    int count = 0;
    for (int d = -radius; d <= radius; d++)
        for (int vertical = 0; vertical <= (d != 0); vertical++) {
            const uint64_t shifted = vertical ? y + (uint64_t)(int64_t)d
                                              : x + (uint64_t)(int64_t)d;
            const uint64_t wrapped = shifted & (side - 1);
            const uint64_t point = vertical ? wrapped << log2_side | x
                                            : y << log2_side | wrapped;
            const int64_t column = (int64_t)reverse_bits(point, 2 * log2_side);
            int place = count++;
            for (; place > 0 && columns[place - 1] > column; place--)
                columns[place] = columns[place - 1];
            columns[place] = column;
        }
}

int main(int argc, char **argv)
{
    (void)argc;
    struct prk_arguments arguments =
        prk_begin(argv, "sparse", "[iterations [log2_side [radius]]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 100, 1, 1 << 24);
    const int log2_side = (int)prk_integer(&arguments, "log2_side", 9, 0, 20);
    const int radius = (int)prk_integer(&arguments, "radius", 4, 0, 1 << 16);
    prk_end(&arguments);
    if (2 * radius >= 1 << log2_side)
        prk_fail("a stencil of radius %d does not fit a side of %d", radius, 1 << log2_side);

    const int64_t rows = INT64_C(1) << 2 * log2_side, width = 4 * radius + 1;
    double *restrict matrix = prk_allocate(rows * width, sizeof *matrix);
    int64_t *restrict columns = prk_allocate(rows * width, sizeof *columns);
    double *restrict vector = prk_allocate(rows, sizeof *vector);
    double *restrict result = prk_allocate(rows, sizeof *result);
    double start = 0, stop = 0;
    int64_t wrong = 0;

    #pragma omp parallel
    {
        #pragma omp for
        for (int64_t row = 0; row < rows; row++) {
            vector[row] = result[row] = 0;
            fill_row(columns + row * width, (uint64_t)row, log2_side, radius);
            for (int64_t i = row * width; i < (row + 1) * width; i++)
                matrix[i] = 1.0 / (double)(columns[i] + 1);
        }
        for (int64_t sweep = 0; sweep <= iterations; sweep++) {
            if (sweep == 1)
                prk_stamp(&start);
            #pragma omp for
            for (int64_t row = 0; row < rows; row++)
                vector[row] += (double)(row + 1);
            #pragma omp for
            for (int64_t row = 0; row < rows; row++) {
                double sum = 0;
                for (int64_t i = row * width; i < (row + 1) * width; i++)
                    sum += matrix[i] * vector[columns[i]];
                result[row] += sum;
            }
        }
        prk_stamp(&stop);

        const double sweeps = (double)(iterations + 1);
        const double expected = (double)width * sweeps * (sweeps + 1) / 2;
        #pragma omp for reduction(+ : wrong)
        for (int64_t row = 0; row < rows; row++)
            wrong += !(fabs(result[row] - expected) <= 1e-8 * expected);
    }

    if (wrong)
        prk_fail("%" PRId64 " elements of the result are wrong", wrong);
    free(matrix);
    free(columns);
    free(vector);
    free(result);
    return prk_report("MFlops/s", 1e-6 * 2 * (double)(rows * width), stop - start, iterations);
}
