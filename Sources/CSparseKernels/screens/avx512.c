// The screens of AVX-512: VNNI multiplies four bytes at a time, BF16 two bfloat16.
#if defined(__x86_64__)
#include "../kernels.h"

#include <immintrin.h>  // before the push: its own functions carry their own targets

enum { TILE_VECTORS = 4 };
#define WORDS __m512i
#define words_zero() _mm512_setzero_si512()
#define words_load(p) _mm512_loadu_si512(p)
#define words_store(p, a) _mm512_storeu_si512(p, a)
static inline __attribute__((target("avx512f"))) __m512i words_fill(const void *p) {
  int32_t word;
  memcpy(&word, p, 4);
  return _mm512_set1_epi32(word);
}

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))), apply_to = function)
#define TILE_NAME int8_tile
#define words_dot(sum, x, w) _mm512_dpbusd_epi32(sum, x, w)
#include "../operations/word_tile.h"
#undef TILE_NAME
#undef words_dot
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))), apply_to = function)
#define TILE_NAME bfloat16_tile
#define words_dot(sum, x, w) \
  ((__m512i)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(x), (__m512bh)(w)))
#include "../operations/word_tile.h"
#pragma clang attribute pop

const EluteScreen elute_avx512_int8 = {ELUTE_INT8, "vnni", ELUTE_TILE_LATENTS, 127, 128, NULL, NULL, int8_tile};
const EluteScreen elute_avx512_bfloat16 = {ELUTE_BFLOAT16, "bf16", ELUTE_TILE_LATENTS, 0, 0, NULL, NULL, bfloat16_tile};
#endif
