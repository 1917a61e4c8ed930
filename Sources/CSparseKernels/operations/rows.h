// Elementwise work on rows, and sums of few rows in the order given. Widths are padded unless said otherwise.

// out = bias + sum over j of values[j] * atoms[indices[j]], each element one fma chain in the order of j.
#ifdef ELUTE_PLAIN_TWIN
static void decode(const float *bias, const float *atoms, size_t stride, const int32_t *indices,
                   const float *values, size_t count, size_t width, float *out) {
  for (size_t i = 0; i < width; i++) {
    float sum = bias[i];
    for (size_t j = 0; j < count; j++)
      sum = fmaf(values[j], atoms[(size_t)indices[j] * stride + i], sum);
    out[i] = sum;
  }
}
#else
static void decode(const float *bias, const float *atoms, size_t stride, const int32_t *indices,
                   const float *values, size_t count, size_t width, float *out) {
  for (size_t i = 0; i < width; i += 16) v16_store(out + i, v16_load(bias + i));
  size_t j = 0;
  for (; j + 4 <= count; j += 4) {
    const float *a = atoms + (size_t)indices[j] * stride;
    const float *b = atoms + (size_t)indices[j + 1] * stride;
    const float *c = atoms + (size_t)indices[j + 2] * stride;
    const float *d = atoms + (size_t)indices[j + 3] * stride;
    if (j + 8 <= count)
      for (size_t next = j + 4; next < j + 8; next++) {
        const float *row = atoms + (size_t)indices[next] * stride;
        for (size_t i = 0; i < width; i += 16) __builtin_prefetch(row + i);
      }
    v16 va = v16_fill(values[j]), vb = v16_fill(values[j + 1]);
    v16 vc = v16_fill(values[j + 2]), vd = v16_fill(values[j + 3]);
    for (size_t i = 0; i < width; i += 16) {
      v16 sum = v16_fma(va, v16_load(a + i), v16_load(out + i));
      sum = v16_fma(vb, v16_load(b + i), sum);
      sum = v16_fma(vc, v16_load(c + i), sum);
      v16_store(out + i, v16_fma(vd, v16_load(d + i), sum));
    }
  }
  for (; j < count; j++) {
    const float *a = atoms + (size_t)indices[j] * stride;
    v16 va = v16_fill(values[j]);
    for (size_t i = 0; i < width; i += 16)
      v16_store(out + i, v16_fma(va, v16_load(a + i), v16_load(out + i)));
  }
}
#endif

// out = out + sum over e of coefficients[e] * rows[indices[e]], each element one fma chain in the order of e: split into
// several calls, it is the same chain.
#ifdef ELUTE_PLAIN_TWIN
static void gradient_row(const float *rows, size_t stride, const int32_t *indices,
                         const float *coefficients, size_t count, size_t width, float *out) {
  for (size_t i = 0; i < width; i++) {
    float sum = out[i];
    for (size_t e = 0; e < count; e++)
      sum = fmaf(coefficients[e], rows[(size_t)indices[e] * stride + i], sum);
    out[i] = sum;
  }
}
#else
static void gradient_row(const float *rows, size_t stride, const int32_t *indices,
                         const float *coefficients, size_t count, size_t width, float *out) {
  size_t i = 0;
  for (; i + 16 * ROW_VECTORS <= width; i += 16 * ROW_VECTORS) {
    v16 sum[ROW_VECTORS];
    for (int v = 0; v < ROW_VECTORS; v++) sum[v] = v16_load(out + i + 16 * (size_t)v);
    for (size_t e = 0; e < count; e++) {
      const float *row = rows + (size_t)indices[e] * stride + i;
      v16 c = v16_fill(coefficients[e]);
      for (int v = 0; v < ROW_VECTORS; v++) sum[v] = v16_fma(c, v16_load(row + 16 * v), sum[v]);
    }
    for (int v = 0; v < ROW_VECTORS; v++) v16_store(out + i + 16 * (size_t)v, sum[v]);
  }
  for (; i < width; i += 16) {
    v16 sum = v16_load(out + i);
    for (size_t e = 0; e < count; e++)
      sum = v16_fma(v16_fill(coefficients[e]), v16_load(rows + (size_t)indices[e] * stride + i), sum);
    v16_store(out + i, sum);
  }
}
#endif

// sum = fma(scale, row, sum).
#ifdef ELUTE_PLAIN_TWIN
static void accumulate(float *sum, const float *row, float scale, size_t width) {
  for (size_t i = 0; i < width; i++) sum[i] = fmaf(scale, row[i], sum[i]);
}
#else
static void accumulate(float *sum, const float *row, float scale, size_t width) {
  v16 s = v16_fill(scale);
  for (size_t i = 0; i < width; i += 16)
    v16_store(sum + i, v16_fma(s, v16_load(row + i), v16_load(sum + i)));
}
#endif

// row = factor * row.
#ifdef ELUTE_PLAIN_TWIN
static void scale(float *row, float factor, size_t width) {
  for (size_t i = 0; i < width; i++) row[i] = factor * row[i];
}
#else
static void scale(float *row, float factor, size_t width) {
  v16 f = v16_fill(factor);
  for (size_t i = 0; i < width; i += 16) v16_store(row + i, v16_multiply(f, v16_load(row + i)));
}
#endif

// out = factors * row - bias, element by element, one rounding each. The width is the real one: row has no padding, out keeps its own.
#ifdef ELUTE_PLAIN_TWIN
static void center(const float *row, const float *factors, const float *bias, size_t width, float *out) {
  for (size_t i = 0; i < width; i++) {
    float scaled = factors[i] * row[i];
    out[i] = scaled - bias[i];
  }
}
#else
static void center(const float *row, const float *factors, const float *bias, size_t width, float *out) {
  size_t i = 0;
  for (; i + 16 <= width; i += 16)
    v16_store(out + i, v16_subtract(v16_multiply(v16_load(factors + i), v16_load(row + i)), v16_load(bias + i)));
  if (i < width) {
    v16 scaled = v16_multiply(v16_load_first(factors + i, width - i), v16_load_first(row + i, width - i));
    v16_store_first(out + i, v16_subtract(scaled, v16_load_first(bias + i, width - i)), width - i);
  }
}
#endif

// out = a - b.
#ifdef ELUTE_PLAIN_TWIN
static void subtract(const float *a, const float *b, size_t width, float *out) {
  for (size_t i = 0; i < width; i++) out[i] = a[i] - b[i];
}
#else
static void subtract(const float *a, const float *b, size_t width, float *out) {
  for (size_t i = 0; i < width; i += 16)
    v16_store(out + i, v16_subtract(v16_load(a + i), v16_load(b + i)));
}
#endif
