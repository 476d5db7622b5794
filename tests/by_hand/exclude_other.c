#include "exclude.h"

static void enter(void) {
#pragma omp critical
  stay();
}

void other_file(void) {
#pragma omp parallel num_threads(2)
  enter();
}
