// Tiles of screen scores: 64 packed rows against a few latents.
//
// A packed panel holds words of four bytes, panel[i * 64 + r] = word i of row r: one float, two bfloat16 or four
// bytes. A latent's row is the same words side by side. out[l * 64 + r] is a float, or for bytes an int32_t, which
// is exact up to a width of 2^17.

static void float32_tile(const void *panel, const void *rows, size_t row_bytes, size_t count, void *out) {
  product_strip(panel, rows, row_bytes / 4, count, row_bytes / 4, out);
}

#ifdef ELUTE_PLAIN_TWIN
static void int8_tile(const void *panel, const void *rows, size_t row_bytes, size_t count, void *out) {
  const uint8_t *x = panel;
  const int8_t *w = rows;
  int32_t *sums = out;
  for (size_t l = 0; l < count; l++)
    for (size_t r = 0; r < ELUTE_PANEL_ROWS; r++) {
      int32_t sum = 0;
      for (size_t i = 0; i < row_bytes; i++)
        sum += w[l * row_bytes + i] * x[(i / 4 * ELUTE_PANEL_ROWS + r) * 4 + i % 4];
      sums[l * ELUTE_PANEL_ROWS + r] = sum;
    }
}

static void bfloat16_tile(const void *panel, const void *rows, size_t row_bytes, size_t count, void *out) {
  const uint16_t *x = panel, *w = rows;
  float *sums = out;
  for (size_t l = 0; l < count; l++)
    for (size_t r = 0; r < ELUTE_PANEL_ROWS; r++) {
      float sum = 0;
      for (size_t i = 0; i < row_bytes / 2; i++) {
        uint32_t a = (uint32_t)w[l * row_bytes / 2 + i] << 16;
        uint32_t b = (uint32_t)x[(i / 2 * ELUTE_PANEL_ROWS + r) * 2 + i % 2] << 16;
        float weight, value;
        memcpy(&weight, &a, 4);
        memcpy(&value, &b, 4);
        sum = fmaf(weight, value, sum);
      }
      sums[l * ELUTE_PANEL_ROWS + r] = sum;
    }
}
#endif
