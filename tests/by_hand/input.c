/* Reads numbers, each thread its own. */
#include <omp.h>
#include <stdio.h>

int main(void) {
  double sum = 0;
#pragma omp parallel reduction(+ : sum)
  {
    double number = 0;
    if (sscanf("2.5 and more", "%lf", &number) == 1)
      sum += number;
  }
  printf("%d x %g\n", omp_get_max_threads(), sum / omp_get_max_threads());
  return 0;
}
