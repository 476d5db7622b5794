#include "terms.h"

#include <math.h>

double term(int i) { return 1 / sqrt((double)i * i); }
