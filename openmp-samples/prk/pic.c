/*
 * pic: a cloud of charged particles that moves over a periodic grid of fixed
 * charges, as in a particle-in-cell method.
 *
 *   pic [steps [side [particles [k [m [uniform|geometric|sinusoidal]]]]]]
 *
 * The fixed charges are 1 on the even columns of grid points and -1 on the
 * odd ones. Each particle starts at the centre of a cell, with a charge that
 * takes it 2k+1 cells to the left or right per step, and m cells up or down.
 * The last argument says how the particles are spread over the columns.
 */
#include "prk.h"

struct particle {
    double x, y, x_velocity, y_velocity, charge;
    double x_start, y_start;
};

static const double STEP = 1.0; /* of time; the particles' mass is 1 as well */

/* value modulo side, in 0 to side. */
static inline double wrap(double value, double side)
{
    return value - side * floor(value / side);
}

static inline void add_force(double dx, double dy, double charges, double *fx, double *fy)
{
    const double square = dx * dx + dy * dy;
    const double force = charges / (square * sqrt(square));
    *fx += force * dx;
    *fy += force * dy;
}

static inline void move(struct particle *p, const double *restrict grid, int64_t side)
{
    const int64_t column = (int64_t)p->x, row = (int64_t)p->y;
    const double *corner = grid + row * (side + 1) + column;
    const double dx = p->x - (double)column, dy = p->y - (double)row;
    double fx = 0, fy = 0;
    add_force(dx, dy, p->charge * corner[0], &fx, &fy);
    add_force(dx - 1, dy, p->charge * corner[1], &fx, &fy);
    add_force(dx, dy - 1, p->charge * corner[side + 1], &fx, &fy);
    add_force(dx - 1, dy - 1, p->charge * corner[side + 2], &fx, &fy);

    p->x = wrap(p->x + (p->x_velocity + 0.5 * fx * STEP) * STEP, (double)side);
    p->y = wrap(p->y + (p->y_velocity + 0.5 * fy * STEP) * STEP, (double)side);
    p->x_velocity += fx * STEP;
    p->y_velocity += fy * STEP;
}

/* The share of the particles, up to a factor, that a column gets. */
static double density(const char *mode, int64_t column, int64_t side)
{
    const double place = (double)column / (double)side;
    if (!strcmp(mode, "uniform"))
        return 1;
    if (!strcmp(mode, "geometric"))
        return exp(-5 * place);
    if (!strcmp(mode, "sinusoidal"))
        return 1 + cos(2 * acos(-1) * place);
    prk_fail("no such distribution: '%s'", mode);
}

/* Deals count particles out, column after column, and within one by rows. */
static void place(struct particle *particles, int64_t count, int64_t side, const char *mode,
                  int64_t k, int64_t m)
{
    double total = 0, sum = 0;
    for (int64_t column = 0; column < side; column++)
        total += density(mode, column, side);

    /* At a cell's centre the four corners pull with 2 * sqrt(2) * 2 per unit. */
    const double unit = 2 * (double)(2 * k + 1) / (STEP * STEP) / (4 * sqrt(2));
    for (int64_t column = 0, next = 0; column < side; column++) {
        sum += density(mode, column, side);
        const int64_t end = column == side - 1 ? count
                                               : (int64_t)(sum / total * (double)count);
        for (; next < end; next++)
            particles[next] = (struct particle){
                .x = (double)column + 0.5,
                .y = (double)(next % side) + 0.5,
                .y_velocity = (double)m / STEP,
                .charge = next % 2 ? -unit : unit,
                .x_start = (double)column + 0.5,
                .y_start = (double)(next % side) + 0.5,
            };
    }
}

/* Whether a particle is where its charge and the first column sent it. */
static bool arrived(const struct particle *p, int64_t steps, int64_t side, int64_t k, int64_t m)
{
    const bool right = (p->charge > 0) == ((int64_t)p->x_start % 2 == 0);
    const double columns = (double)(steps * (2 * k + 1));
    const double x = p->x_start + (right ? columns : -columns);
    const double y = p->y_start + (double)(steps * m);
    return fabs(p->x - wrap(x, (double)side)) <= 1e-5
        && fabs(p->y - wrap(y, (double)side)) <= 1e-5;
}

int main(int argc, char **argv)
{
    (void)argc;
    struct prk_arguments arguments = prk_begin(
        argv, "pic", "[steps [side [particles [k [m [uniform|geometric|sinusoidal]]]]]]");
    const int64_t steps = prk_integer(&arguments, "steps", 80, 1, 1 << 24);
    const int64_t side = prk_integer(&arguments, "side", 200, 2, 1 << 16);
    const int64_t count = prk_integer(&arguments, "particles", 400000, 1, INT64_C(1) << 40);
    const int64_t k = prk_integer(&arguments, "k", 1, 0, 1 << 16);
    const int64_t m = prk_integer(&arguments, "m", 2, -(1 << 16), 1 << 16);
    const char *mode = prk_word(&arguments, "geometric");
    prk_end(&arguments);
    if (side % 2)
        prk_fail("side is %" PRId64 ", and must be even", side);

    double *restrict grid = prk_allocate((side + 1) * (side + 1), sizeof *grid);
    struct particle *restrict particles = prk_allocate(count, sizeof *particles);
    for (int64_t row = 0; row <= side; row++)
        for (int64_t column = 0; column <= side; column++)
            grid[row * (side + 1) + column] = column % 2 ? -1 : 1;
    place(particles, count, side, mode, k, m);

    double start = 0;
    int64_t lost = 0;
    for (int64_t step = 0; step <= steps; step++) {
        if (step == 1)
            start = omp_get_wtime();
        #pragma omp parallel for
        for (int64_t i = 0; i < count; i++)
            move(&particles[i], grid, side);
    }
    const double stop = omp_get_wtime();

    #pragma omp parallel for reduction(+ : lost)
    for (int64_t i = 0; i < count; i++)
        lost += !arrived(&particles[i], steps + 1, side, k, m);
    if (lost)
        prk_fail("%" PRId64 " particles are in the wrong place", lost);
    free(grid);
    free(particles);
    return prk_report("Mparticles_moved/s", 1e-6 * (double)count, stop - start, steps);
}
