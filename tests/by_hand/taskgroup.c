/* Task groups are not implemented. */
int main(void) {
  int done = 0;
#pragma omp parallel
#pragma omp single
#pragma omp taskgroup
  done = 1;
  return !done;
}
