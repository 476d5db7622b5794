/* Prints what its build system has found out, and a sum. `config.h` is the build system's, in each case. */
#include "config.h"
#include "terms.h"
#include <stdio.h>

#ifndef HAVE_SQRT
#define HAVE_SQRT 0
#endif
#ifndef HAVE_CLOCK_GETTIME
#define HAVE_CLOCK_GETTIME 0
#endif
#ifndef HAVE_NO_SUCH_FUNCTION
#define HAVE_NO_SUCH_FUNCTION 0
#endif
#ifndef _OPENMP
#define _OPENMP 0
#endif

int main(int argc, char **argv) {
  double sum = 0;
#pragma omp parallel for reduction(+ : sum)
  for (int i = 1; i <= 1000; i++)
    sum += term(i);
  printf("sqrt: %d\n", HAVE_SQRT);
  printf("clock_gettime: %d\n", HAVE_CLOCK_GETTIME);
  printf("no_such_function: %d\n", HAVE_NO_SUCH_FUNCTION);
  printf("sizeof(long): %d\n", SIZEOF_LONG);
  printf("OpenMP: %d\n", _OPENMP > 0);
  printf("sum: %f\n", sum);
  if (argc > 1) {
    FILE *file = fopen(argv[1], "w");
    if (!file) {
      perror(argv[1]);
      return 1;
    }
    fprintf(file, "%f\n", sum);
    fclose(file);
  }
  return 0;
}
