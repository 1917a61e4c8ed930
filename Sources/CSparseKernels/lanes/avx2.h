// Sixteen floats as two AVX registers.

typedef struct {
  __m256 a, b;
} v16;

enum { TILE_VECTORS = 1, ROW_VECTORS = 4, SCORE_ROWS = 2, SCORE_LATENTS = 2 };

#define BOTH(f, x, y) ((v16){f((x).a, (y).a), f((x).b, (y).b)})

static inline v16 v16_load(const float *p) {
  return (v16){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)};
}
static inline void v16_store(float *p, v16 x) {
  _mm256_storeu_ps(p, x.a);
  _mm256_storeu_ps(p + 8, x.b);
}
static inline v16 v16_fill(float x) { return (v16){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
static inline v16 v16_add(v16 x, v16 y) { return BOTH(_mm256_add_ps, x, y); }
static inline v16 v16_subtract(v16 x, v16 y) { return BOTH(_mm256_sub_ps, x, y); }
static inline v16 v16_multiply(v16 x, v16 y) { return BOTH(_mm256_mul_ps, x, y); }
static inline v16 v16_divide(v16 x, v16 y) { return BOTH(_mm256_div_ps, x, y); }
static inline v16 v16_root(v16 x) { return (v16){_mm256_sqrt_ps(x.a), _mm256_sqrt_ps(x.b)}; }
static inline v16 v16_fma(v16 x, v16 y, v16 z) {
  return (v16){_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)};
}
static inline v16 v16_greatest(v16 x, v16 y) { return BOTH(_mm256_max_ps, x, y); }
// Integers less an excess.
static inline v16 v16_from_integers(const int32_t *p, int32_t excess) {
  __m256i less = _mm256_set1_epi32(excess);
  __m256i a = _mm256_loadu_si256((const __m256i *)p), b = _mm256_loadu_si256((const __m256i *)(p + 8));
  return (v16){_mm256_cvtepi32_ps(_mm256_sub_epi32(a, less)),
               _mm256_cvtepi32_ps(_mm256_sub_epi32(b, less))};
}
static inline v16 v16_fnma(v16 x, v16 y, v16 z) {
  return (v16){_mm256_fnmadd_ps(x.a, y.a, z.a), _mm256_fnmadd_ps(x.b, y.b, z.b)};
}
static inline v16 v16_magnitude(v16 x) {
  __m256 sign = _mm256_set1_ps(-0.0f);
  return (v16){_mm256_andnot_ps(sign, x.a), _mm256_andnot_ps(sign, x.b)};
}
static inline uint32_t v16_bits(__m256 a, __m256 b) {
  return (uint32_t)_mm256_movemask_ps(a) | (uint32_t)_mm256_movemask_ps(b) << 8;
}
static inline uint32_t v16_at_least(v16 x, v16 y) {
  return v16_bits(_mm256_cmp_ps(x.a, y.a, _CMP_GE_OQ), _mm256_cmp_ps(x.b, y.b, _CMP_GE_OQ));
}
static inline uint32_t v16_greater(v16 x, v16 y) {
  return v16_bits(_mm256_cmp_ps(x.a, y.a, _CMP_GT_OQ), _mm256_cmp_ps(x.b, y.b, _CMP_GT_OQ));
}
// x where |x| is at least the limit, else 0.
static inline v16 v16_keep_from(v16 x, v16 limit) {
  v16 size = v16_magnitude(x);
  return (v16){_mm256_and_ps(x.a, _mm256_cmp_ps(size.a, limit.a, _CMP_GE_OQ)),
               _mm256_and_ps(x.b, _mm256_cmp_ps(size.b, limit.b, _CMP_GE_OQ))};
}
static inline float v16_sum(v16 x) {
  __m256 eight = _mm256_add_ps(x.a, x.b);
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#include "by_memory.h"
