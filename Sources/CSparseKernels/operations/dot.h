// The canonical dot product: sixteen interleaved partial sums and one fixed tree.
//
//   p[l] = fma chain over c of a[16 c + l] * b[16 c + l], from 0, the tail padded with zeros
//   h[l] = p[l] + p[l + 8];  q[l] = h[l] + h[l + 4];  r[l] = q[l] + q[l + 2];  result = r[0] + r[1]
//
// Every score, norm and inner product that counts is this one.

#ifdef ELUTE_PLAIN_TWIN
static float dot(const float *a, const float *b, size_t width) {
  float p[16] = {0};
  for (size_t i = 0; i < width; i++) p[i % 16] = fmaf(a[i], b[i], p[i % 16]);
  for (size_t i = width; i % 16 != 0; i++) p[i % 16] += 0;  // the padding: a sum of -0 becomes +0
  for (size_t half = 8; half > 0; half /= 2)
    for (size_t l = 0; l < half; l++) p[l] = p[l] + p[l + half];
  return p[0];
}
#else
static float dot(const float *a, const float *b, size_t width) {
  v16 sum = v16_fill(0);
  size_t i = 0;
  for (; i + 16 <= width; i += 16) sum = v16_fma(v16_load(a + i), v16_load(b + i), sum);
  if (i < width)
    sum = v16_fma(v16_load_first(a + i, width - i), v16_load_first(b + i, width - i), sum);
  return v16_sum(sum);
}
#endif

// out[j] = dot(x, rows[indices[j]]), several side by side to hide the latency of the chain. x and rows padded.
#ifdef ELUTE_PLAIN_TWIN
static void gathered_dots(const float *x, const float *rows, size_t stride, const int32_t *indices,
                          size_t count, size_t width, float *out) {
  for (size_t j = 0; j < count; j++) out[j] = dot(x, rows + (size_t)indices[j] * stride, width);
}
#else
static void gathered_dots(const float *x, const float *rows, size_t stride, const int32_t *indices,
                          size_t count, size_t width, float *out) {
  size_t j = 0;
  for (; j + ROW_VECTORS <= count; j += ROW_VECTORS) {
    const float *row[ROW_VECTORS];
    v16 sum[ROW_VECTORS];
    for (int s = 0; s < ROW_VECTORS; s++) {
      row[s] = rows + (size_t)indices[j + (size_t)s] * stride;
      sum[s] = v16_fill(0);
    }
    for (size_t i = 0; i < width; i += 16) {
      v16 here = v16_load(x + i);
      for (int s = 0; s < ROW_VECTORS; s++) sum[s] = v16_fma(here, v16_load(row[s] + i), sum[s]);
    }
    for (int s = 0; s < ROW_VECTORS; s++) out[j + (size_t)s] = v16_sum(sum[s]);
  }
  for (; j < count; j++) {
    // The padded tail is zero, so rounding the width up changes nothing.
    out[j] = dot(x, rows + (size_t)indices[j] * stride, (width + 15) / 16 * 16);
  }
}
#endif
