/*
 * affinity_format: the format of what omp_capture_affinity captures, for each
 * thread of a region, and the ICV that it defaults to.
 */
#include "check.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Captures with a format, and compares. */
static int captures(const char *format, const char *expected)
{
    char buffer[256];
    memset(buffer, '#', sizeof buffer);
    const size_t length = omp_capture_affinity(buffer, sizeof buffer, format);
    const int same = length == strlen(expected) && strcmp(buffer, expected) == 0;
    if (!same)
        printf("%s: \"%s\", not \"%s\"\n", format, buffer, expected);
    return same;
}

static void test_fields(void)
{
    CHECK(captures("no fields", "no fields"));
    CHECK(captures("100%%", "100%"));
    CHECK(captures("%n%N%L%t%T", "01001"));
    CHECK(captures("%{thread_num} %{num_threads} %{nesting_level} %{team_num} %{num_teams}", "0 1 0 0 1"));
    CHECK(captures("%a %{ancestor_tnum}", "-1 -1"));

    /* At the left or at the right of so many characters, or more where the field needs them; zeros where they are asked for. */
    CHECK(captures("%4n|", "0   |"));
    CHECK(captures("%.4n|", "   0|"));
    CHECK(captures("%0.4n|", "0000|"));
    CHECK(captures("%.1a|%.4a|%4a|", "-1|  -1|-1  |"));
    CHECK(captures("%0.4{num_threads}|%.12{nesting_level}|", "0001|           0|"));

    /* What these are is the implementation's; they are not empty. */
    char buffer[256];
    CHECK(omp_capture_affinity(buffer, sizeof buffer, "%H") > 0);
    CHECK(omp_capture_affinity(buffer, sizeof buffer, "%P") > 0 && atoi(buffer) > 0);
    CHECK(omp_capture_affinity(buffer, sizeof buffer, "%i") > 0 && atoi(buffer) > 0);
    CHECK(omp_capture_affinity(buffer, sizeof buffer, "%{thread_affinity}") > 0);
    CHECK(strspn(buffer, "0123456789,-") == strlen(buffer));
    CHECK(omp_capture_affinity(buffer, sizeof buffer, "%.90A") >= 90 && buffer[0] == ' ');
}

/* A buffer gets as much as fits, and what is returned is what would have. */
static void test_buffers(void)
{
    char buffer[8] = "#######";
    CHECK(omp_capture_affinity(buffer, 4, "abc%%def") == 7);
    CHECK(strcmp(buffer, "abc") == 0 && buffer[4] == '#');
    CHECK(omp_capture_affinity(buffer, 1, "abc") == 3 && buffer[0] == 0);
    CHECK(omp_capture_affinity(NULL, 0, "abc") == 3);
    buffer[0] = '#';
    CHECK(omp_capture_affinity(buffer, 0, "abc") == 3 && buffer[0] == '#');
}

static void test_format(void)
{
    char initial[512], buffer[64];
    const size_t length = omp_get_affinity_format(initial, sizeof initial);
    CHECK(length == strlen(initial));

    char format[] = "thread %n of %N";
    omp_set_affinity_format(format);
    memset(format, 0, sizeof format); /* it has been copied */
    CHECK(omp_get_affinity_format(buffer, sizeof buffer) == 15 && strcmp(buffer, "thread %n of %N") == 0);
    CHECK(omp_get_affinity_format(buffer, 7) == 15 && strcmp(buffer, "thread") == 0);
    CHECK(omp_get_affinity_format(NULL, 0) == 15);
    CHECK(captures("", "thread 0 of 1"));
    #pragma omp parallel num_threads(1)
    CHECK(captures("", "thread 0 of 1"));

    omp_set_affinity_format("displayed by thread %n of %N, level %L");
    omp_display_affinity("");
    omp_display_affinity("displayed: %0.3n");
    omp_set_affinity_format(initial);
    CHECK(omp_get_affinity_format(NULL, 0) == length);
}

/* Each thread captures what it is. */
static void test_regions(void)
{
    int captured = 0;
    omp_set_max_active_levels(2);
    for (int n = 1; n <= 4; n++) {
        #pragma omp parallel num_threads(n) reduction(+ : captured)
        {
            char expected[64];
            snprintf(expected, sizeof expected, "%d/%d/%d/%d", omp_get_thread_num(), omp_get_num_threads(), omp_get_level(),
                     omp_get_ancestor_thread_num(0));
            captured += captures("%n/%N/%L/%a", expected);
            const int outer = omp_get_thread_num();
            #pragma omp parallel num_threads(2) reduction(+ : captured)
            {
                char inner[64];
                snprintf(inner, sizeof inner, "%05d %d %3d", omp_get_thread_num(), omp_get_num_threads(), outer);
                captured += captures("%0.5n %N %.3a", inner) ? 0 : -1000;
            }
        }
    }
    CHECK(captured > 0);

    #pragma omp teams num_teams(3)
    {
        char expected[64];
        snprintf(expected, sizeof expected, "%d of %d", omp_get_team_num(), omp_get_num_teams());
        CHECK(captures("%t of %T", expected));
    }
}

int main(void)
{
    test_fields();
    test_buffers();
    test_format();
    test_regions();
    return check_result("affinity_format");
}
