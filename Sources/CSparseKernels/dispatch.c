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

size_t elute_screens(EluteKernelSet set, const EluteScreen **screens) {
  size_t count = 0;
  if (elute_kernels(set) == NULL) return 0;
  switch (set) {
    case ELUTE_PLAIN:
      screens[count++] = &elute_plain_float32;
      screens[count++] = &elute_plain_bfloat16;
      screens[count++] = &elute_plain_int8;
      break;
#if defined(__x86_64__)
    case ELUTE_AVX2:
      screens[count++] = &elute_avx2_float32;
      screens[count++] = &elute_avx2_int8;
      break;
    case ELUTE_AVX512:
      screens[count++] = &elute_avx512_float32;
#if defined(__linux__)
      if (elute_has_amx()) screens[count++] = &elute_amx_bfloat16;
#endif
      if (__builtin_cpu_supports("avx512bf16")) screens[count++] = &elute_avx512_bfloat16;
#if defined(__linux__)
      if (elute_has_amx()) screens[count++] = &elute_amx_int8;
#endif
      if (__builtin_cpu_supports("avx512vnni")) screens[count++] = &elute_avx512_int8;
      break;
#elif defined(__aarch64__)
    case ELUTE_NEON:
      screens[count++] = &elute_neon_float32;
      if (elute_has_dot_product()) screens[count++] = &elute_neon_int8;
      break;
#endif
    default: break;
  }
  return count;
}
