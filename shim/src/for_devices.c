/* Part of programs that `omp2wasi cc` links, which compiles target regions for devices. Others have devices if any of their objects was
 * compiled so. */
#include "target/target.h"

const char omp2wasi_for_devices = 1;
