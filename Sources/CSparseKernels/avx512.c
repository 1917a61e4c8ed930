#if defined(__x86_64__)
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#include <immintrin.h>  // before the push: its own functions carry their own targets
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "lanes/avx512.h"
#include "operations/all.h"
#pragma clang attribute pop

const EluteKernels elute_avx512_kernels = ELUTE_TABLE("avx512");
const EluteScreen elute_avx512_float32 = ELUTE_FLOAT32_SCREEN;
#endif
