// The screen of AVX2: pairs of products of bytes are added in sixteen bits, which saturate. Rows of 63 steps, made
// positive by 64, keep a pair within 2 x 127 x 127 < 2^15.
#if defined(__x86_64__)
#include "../kernels.h"

#include <immintrin.h>  // before the push: its own functions carry their own targets
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

typedef struct {
  __m256i a, b;
} Words;

enum { TILE_VECTORS = 1 };
#define TILE_NAME int8_tile
#define WORDS Words
static inline Words words_zero(void) { return (Words){_mm256_setzero_si256(), _mm256_setzero_si256()}; }
static inline Words words_load(const uint32_t *p) {
  return (Words){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 8))};
}
static inline void words_store(uint32_t *p, Words x) {
  _mm256_storeu_si256((__m256i *)p, x.a);
  _mm256_storeu_si256((__m256i *)(p + 8), x.b);
}
static inline Words words_fill(const void *p) {
  int32_t word;
  memcpy(&word, p, 4);
  return (Words){_mm256_set1_epi32(word), _mm256_set1_epi32(word)};
}
static inline __m256i dot_bytes(__m256i sum, __m256i x, __m256i w) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1)));
}
static inline Words words_dot(Words sum, Words x, Words w) {
  return (Words){dot_bytes(sum.a, x.a, w.a), dot_bytes(sum.b, x.b, w.b)};
}
#include "../operations/word_tile.h"
#pragma clang attribute pop

const EluteScreen elute_avx2_int8 = {ELUTE_INT8, "maddubs", ELUTE_TILE_LATENTS, 63, 64, NULL, NULL, int8_tile};
#endif
