#if defined(__aarch64__)
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#include "lanes/neon.h"
#include "operations/all.h"

const EluteKernels elute_neon_kernels = ELUTE_TABLE("neon");
const EluteScreen elute_neon_float32 = ELUTE_FLOAT32_SCREEN;
#endif
