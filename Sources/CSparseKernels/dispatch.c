#include "kernels.h"

const EluteKernels *elute_kernels(EluteKernelSet set) {
  switch (set) {
    case ELUTE_PLAIN: return &elute_plain_kernels;
#if defined(__x86_64__)
    case ELUTE_AVX2:
      __builtin_cpu_init();
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &elute_avx2_kernels
                                                                             : NULL;
    case ELUTE_AVX512:
      __builtin_cpu_init();
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
                 ? &elute_avx512_kernels
                 : NULL;
#elif defined(__aarch64__)
    case ELUTE_NEON: return &elute_neon_kernels;
#endif
    default: return NULL;
  }
}
