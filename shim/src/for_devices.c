/* Marks a program whose target regions were compiled for devices. `omp2wasi cc`, which compiles them so, makes the
 * linker take this object (omp2wasi_shim::FOR_DEVICES). omp_get_num_devices returns 0 for programs that have neither
 * this mark nor an offload entry; objects that were compiled for devices and linked by hand have offload entries. */
#include "target/target.h"

const char omp2wasi_for_devices = 1;
