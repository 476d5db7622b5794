#include "exclude.h"
#include <stdio.h>

volatile int inside, collisions;
int entries;
void other_file(void);

/* The other file has a function of this name too. */
static void enter(void) {
#pragma omp critical
  stay();
}

int main(void) {
#pragma omp parallel num_threads(4)
  for (int i = 0; i < 100; i++) {
    enter();
    other_file();
  }
  other_file();
  printf("%d entries, %d collisions\n", entries, collisions);
  return 0;
}
