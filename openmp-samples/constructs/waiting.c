/*
 * waiting: each of four threads sleeps until an absolute time, waits for several
 * events at once with poll, and asks both clocks, while the others do the same.
 */
#include "check.h"
#include <omp.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

static int64_t nanoseconds(clockid_t clock)
{
    struct timespec now;
    CHECK(clock_gettime(clock, &now) == 0);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void sleep_until(clockid_t clock)
{
    int64_t until = nanoseconds(clock) + 20 * 1000000;
    struct timespec at = {until / 1000000000, until % 1000000000};
    CHECK(clock_nanosleep(clock, TIMER_ABSTIME, &at, NULL) == 0);
    CHECK(nanoseconds(clock) >= until);
}

int main(void)
{
    #pragma omp parallel num_threads(4)
    {
        sleep_until(CLOCK_MONOTONIC);
        sleep_until(CLOCK_REALTIME);

        /* Writing to a regular file or /dev/null never blocks, so the wait is over at once. */
        struct pollfd events[2] = {{.fd = STDOUT_FILENO, .events = POLLOUT}, {.fd = STDERR_FILENO, .events = POLLOUT}};
        CHECK(poll(events, 2, 10 * 1000) >= 1);
        CHECK((events[0].revents | events[1].revents) & POLLOUT);

        int64_t start = nanoseconds(CLOCK_MONOTONIC);
        CHECK(poll(NULL, 0, 20) == 0);
        CHECK(nanoseconds(CLOCK_MONOTONIC) - start >= 20 * 1000000);
    }
    return check_result("waiting");
}
