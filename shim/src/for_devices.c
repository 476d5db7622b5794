/* Marks a program whose target regions were compiled for devices: `omp2wasi cc`, which does that, makes the linker
 * take this object (omp2wasi_shim::FOR_DEVICES). omp_get_num_devices asks for the mark; without it, it takes the
 * offload entries that such objects have for one. */
#include "target/target.h"

const char omp2wasi_for_devices = 1;
