// Float products of a packed panel with rows, tile by tile.
//
// A panel holds up to 64 rows transposed, panel[i * 64 + r] = rows[r][i], missing rows zero. Each element of a
// product is one chain of fused multiply-adds over i, from 0: the same bits in every set.

#ifdef ELUTE_PLAIN_TWIN
static void pack(const float *rows, size_t stride, size_t count, size_t width, float *panel) {
  for (size_t i = 0; i < width; i++)
    for (size_t r = 0; r < ELUTE_PANEL_ROWS; r++)
      panel[i * ELUTE_PANEL_ROWS + r] = r < count ? rows[r * stride + i] : 0;
}
#else
static void pack(const float *rows, size_t stride, size_t count, size_t width, float *panel) {
  // Squares of sixteen, so that every cache line of a row is read once.
  for (size_t first = 0; first < ELUTE_PANEL_ROWS; first += 16)
    for (size_t start = 0; start < width; start += 16) {
      size_t columns = width - start < 16 ? width - start : 16;
      v16 square[16];
      for (size_t r = 0; r < 16; r++) {
        const float *row = rows + (first + r) * stride + start;
        square[r] = first + r >= count ? v16_fill(0)
                    : columns == 16    ? v16_load(row)
                                       : v16_load_first(row, columns);
      }
      v16_transpose(square);
      float *out = panel + start * ELUTE_PANEL_ROWS + first;
      if (columns == 16)
        for (size_t i = 0; i < 16; i++) v16_store(out + i * ELUTE_PANEL_ROWS, square[i]);
      else
        for (size_t i = 0; i < columns; i++) v16_store(out + i * ELUTE_PANEL_ROWS, square[i]);
    }
}
#endif

// out[l * 64 + r] = rows[l] . panel row r, for the first `count` <= 6 rows; out has room for six.
#ifdef ELUTE_PLAIN_TWIN
static void product_strip(const float *panel, const float *rows, size_t stride, size_t count,
                          size_t width, float *out) {
  for (size_t l = 0; l < count; l++)
    for (size_t r = 0; r < ELUTE_PANEL_ROWS; r++) {
      float sum = 0;
      for (size_t i = 0; i < width; i++)
        sum = fmaf(rows[l * stride + i], panel[i * ELUTE_PANEL_ROWS + r], sum);
      out[l * ELUTE_PANEL_ROWS + r] = sum;
    }
}
#else
static inline __attribute__((always_inline)) void product_strip(
    const float *panel, const float *rows, size_t stride, size_t count, size_t width, float *out) {
  const float *row[ELUTE_TILE_LATENTS];
  for (size_t l = 0; l < ELUTE_TILE_LATENTS; l++) row[l] = rows + (l < count ? l : 0) * stride;
  for (size_t part = 0; part < ELUTE_PANEL_ROWS; part += 16 * TILE_VECTORS) {
    v16 sum[ELUTE_TILE_LATENTS][TILE_VECTORS];
    for (int l = 0; l < ELUTE_TILE_LATENTS; l++)
      for (int v = 0; v < TILE_VECTORS; v++) sum[l][v] = v16_fill(0);
    const float *here = panel + part;
    for (size_t i = 0; i < width;) {
      // The next tile's rows are on their way while this one's are used: hardware stops at page ends.
      for (size_t l = 0; l < ELUTE_TILE_LATENTS; l++)
        __builtin_prefetch(rows + (ELUTE_TILE_LATENTS + l) * stride + i);
      for (size_t end = i + 16 < width ? i + 16 : width; i < end; i++, here += ELUTE_PANEL_ROWS) {
        v16 x[TILE_VECTORS];
        for (int v = 0; v < TILE_VECTORS; v++) x[v] = v16_load(here + 16 * v);
        for (int l = 0; l < ELUTE_TILE_LATENTS; l++) {
          v16 w = v16_fill(row[l][i]);
          for (int v = 0; v < TILE_VECTORS; v++) sum[l][v] = v16_fma(w, x[v], sum[l][v]);
        }
      }
    }
    // All six, though fewer may count: a fixed number of stores lets the sums stay in registers.
    for (size_t l = 0; l < ELUTE_TILE_LATENTS; l++)
      for (size_t v = 0; v < TILE_VECTORS; v++)
        v16_store(out + l * ELUTE_PANEL_ROWS + part + 16 * v, sum[l][v]);
  }
}
#endif

// For each panel row the greatest product with any of `count` rows, and which: best and where hold what was
// found before (-infinity at first). Equal products keep the first row. `absolute` compares magnitudes.
#ifdef ELUTE_PLAIN_TWIN
static void best_matches(const float *panel, const float *rows, size_t stride, size_t count,
                         size_t width, int absolute, float *best, int32_t *where) {
  float products[ELUTE_PANEL_ROWS];
  for (size_t l = 0; l < count; l++) {
    product_strip(panel, rows + l * stride, stride, 1, width, products);
    for (size_t r = 0; r < ELUTE_PANEL_ROWS; r++) {
      float value = absolute ? fabsf(products[r]) : products[r];
      if (value > best[r]) {
        best[r] = value;
        where[r] = (int32_t)l;
      }
    }
  }
}
#else
static void best_matches(const float *panel, const float *rows, size_t stride, size_t count,
                         size_t width, int absolute, float *best, int32_t *where) {
  float products[ELUTE_TILE_LATENTS * ELUTE_PANEL_ROWS];
  for (size_t start = 0; start < count; start += ELUTE_TILE_LATENTS) {
    size_t tile = count - start < ELUTE_TILE_LATENTS ? count - start : ELUTE_TILE_LATENTS;
    product_strip(panel, rows + start * stride, stride, tile, width, products);
    for (size_t l = 0; l < tile; l++)
      for (size_t r = 0; r < ELUTE_PANEL_ROWS; r += 16) {
        v16 value = v16_load(products + l * ELUTE_PANEL_ROWS + r);
        if (absolute) value = v16_magnitude(value);
        uint32_t better = v16_greater(value, v16_load(best + r));
        if (!better) continue;
        float values[16];
        v16_store(values, value);
        for (; better; better &= better - 1) {
          size_t lane = (size_t)__builtin_ctz(better);
          best[r + lane] = values[lane];
          where[r + lane] = (int32_t)(start + l);
        }
      }
  }
}
#endif
