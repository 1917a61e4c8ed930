// Sixteen floats as one AVX-512 register.

typedef __m512 v16;

enum { TILE_VECTORS = 4, ROW_VECTORS = 8, SCORE_ROWS = 4, SCORE_LATENTS = 6 };

static inline v16 v16_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void v16_store(float *p, v16 a) { _mm512_storeu_ps(p, a); }
static inline v16 v16_load_first(const float *p, size_t count) {
  return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
}
static inline void v16_store_first(float *p, v16 a, size_t count) {
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), a);
}
static inline v16 v16_fill(float a) { return _mm512_set1_ps(a); }
static inline v16 v16_add(v16 a, v16 b) { return _mm512_add_ps(a, b); }
static inline v16 v16_subtract(v16 a, v16 b) { return _mm512_sub_ps(a, b); }
static inline v16 v16_multiply(v16 a, v16 b) { return _mm512_mul_ps(a, b); }
static inline v16 v16_divide(v16 a, v16 b) { return _mm512_div_ps(a, b); }
static inline v16 v16_root(v16 a) { return _mm512_sqrt_ps(a); }
static inline v16 v16_fma(v16 a, v16 b, v16 c) { return _mm512_fmadd_ps(a, b, c); }
static inline v16 v16_greatest(v16 a, v16 b) { return _mm512_max_ps(a, b); }
// Integers less an excess.
static inline v16 v16_from_integers(const int32_t *p, int32_t excess) {
  return _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_loadu_si512(p), _mm512_set1_epi32(excess)));
}
static inline v16 v16_fnma(v16 a, v16 b, v16 c) { return _mm512_fnmadd_ps(a, b, c); }
static inline v16 v16_magnitude(v16 a) { return _mm512_abs_ps(a); }
static inline uint32_t v16_at_least(v16 a, v16 b) {
  return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ);
}
static inline uint32_t v16_greater(v16 a, v16 b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
// a where |a| is at least the limit, else 0.
static inline v16 v16_keep_from(v16 a, v16 limit) {
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(_mm512_abs_ps(a), limit, _CMP_GE_OQ), a);
}
// Writes the lanes of a mask side by side, and first + lane; both may write sixteen. Returns how many there are.
static inline size_t v16_collect(v16 a, uint32_t mask, int32_t first, float *out, int32_t *places) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  __mmask16 chosen = (__mmask16)mask;
  _mm512_storeu_ps(out, _mm512_maskz_compress_ps(chosen, a));
  _mm512_storeu_si512(
    places, _mm512_maskz_compress_epi32(chosen, _mm512_add_epi32(lanes, _mm512_set1_epi32(first))));
  return (size_t)__builtin_popcount(mask);
}
static inline float v16_sum(v16 a) {
  __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

// Rows become columns: pairs of floats, pairs of pairs, then quarters of registers change places.
static inline void v16_transpose(v16 *rows) {
  v16 a[16], b[16];
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 16; i += 4)
    for (int j = 0; j < 2; j++) {
      __m512d low = _mm512_castps_pd(a[i + j]), high = _mm512_castps_pd(a[i + j + 2]);
      b[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
      b[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
    }
  for (int i = 0; i < 4; i++) {
    v16 low0 = _mm512_shuffle_f32x4(b[i], b[i + 4], 0x88);
    v16 low1 = _mm512_shuffle_f32x4(b[i], b[i + 4], 0xdd);
    v16 high0 = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0x88);
    v16 high1 = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0xdd);
    rows[i] = _mm512_shuffle_f32x4(low0, high0, 0x88);
    rows[i + 4] = _mm512_shuffle_f32x4(low1, high1, 0x88);
    rows[i + 8] = _mm512_shuffle_f32x4(low0, high0, 0xdd);
    rows[i + 12] = _mm512_shuffle_f32x4(low1, high1, 0xdd);
  }
}
