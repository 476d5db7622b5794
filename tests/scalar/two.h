double sum(const double *x, int n);
double scaled(double *x, int n, double by);
int chosen(const int *x, int n);
int mask(const int *x, int n);
int not_called(int *x, int n);
