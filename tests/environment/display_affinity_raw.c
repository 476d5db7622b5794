// OMP_DISPLAY_AFFINITY in a program that uses no stdio.
//
// RUN: OMP_DISPLAY_AFFINITY=true OMP_AFFINITY_FORMAT=%n/%N OMP_PLACES={0} -- --threads 2
// EXIT: 2
int main(void)
{
    int threads = 0;
    #pragma omp parallel reduction(+ : threads)
    threads++;
    return threads;
}
