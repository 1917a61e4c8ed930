// All codes above limits: of each row, in the order of the latents, the canonical scores with
//
//   score(row, latent) > limits[latent].
//
// As in choose.h the product is only a screen: what it cannot exclude is scored canonically, and nothing of it shows in
// the result. The k, the signs and the threshold of `rows` do not matter.

// Scores all latents of a row; returns how many exceed their limits.
static size_t exceed_exhaustively(const EluteLatents *latents, const float *x, const float *limits,
                                  int32_t *indices, float *values) {
  scores(x, 1, latents->encoder, latents->bias, latents->latents, latents->stride, values, latents->latents);
  return exceeding(values, limits, latents->latents, 0, values, indices);
}

#ifdef ELUTE_PLAIN_TWIN
static void choose_above(const EluteScreen *screen, const EluteLatents *latents, const EluteRows *rows,
                         const float *limits, void *scratch, EluteAbove *above) {
  (void)screen, (void)scratch;
  for (size_t r = 0; r < rows->rows; r++) {
    const float *x = rows->input + r * rows->stride;
    above->counts[r] = (int32_t)exceed_exhaustively(
        latents, x, limits, above->indices + r * above->room, above->values + r * above->room);
    above->survivors += latents->latents;
  }
}
#else
// Adds the latents of a tile to the lists of the panel's rows whose upper end reaches the limit. Both are over the row's
// norm, and what rounds in taking them together is less than 2^-20 of the bias and the limit.
static inline __attribute__((always_inline)) void add_reaching(
    EluteScreenKind kind, size_t splits, const EluteLatents *latents, size_t start, size_t tile,
    const int32_t *products, const float *limits, size_t first, const uint32_t *open, const Workspace *w,
    EluteAbove *above) {
  const float *split_rows = w->splits + first * ELUTE_SPLITS;
  Found found;
  size_t count = 0;
  for (size_t l = 0; l < tile; l++) {
    EluteLatentBound bound = bound_of(kind, latents, start + l);
    const float *split_weights = latents->split_weights + (start + l) * ELUTE_SPLITS;
    float bias = latents->bias[start + l], limit = limits[start + l];
    v16 beyond = v16_fill(bias - limit + (fabsf(bias) + fabsf(limit)) * 0x1p-20f);
    v16 scale = v16_fill(bound.scale), slope = v16_fill(bound.slope), constant = v16_fill(bound.constant);
    for (size_t v = 0; v < ELUTE_PANEL_ROWS; v += 16) {
      size_t at = l * ELUTE_PANEL_ROWS + v;
      v16 product = kind == ELUTE_INT8 ? v16_from_integers(products + at, bound.excess)
                                       : v16_load((const float *)products + at);
      v16 end = v16_fma(slope, v16_load(w->errors + first + v), constant);
      end = v16_fma(v16_multiply(product, v16_load(w->scales + first + v)), scale, end);
      for (size_t s = 0; s < splits; s++)
        end = v16_fma(v16_fill(split_weights[s]), v16_load(split_rows + s * ELUTE_PANEL_ROWS + v), end);
      end = v16_fma(beyond, v16_load(w->inverses + first + v), end);
      // Not below 0, or not a number.
      uint32_t passing = open[v / 16] & ~v16_greater(v16_fill(0), end);
      if (passing)
        count += v16_collect(product, passing, (int32_t)at, found.products + count, found.places + count);
    }
  }
  for (size_t f = 0; f < count; f++) {
    size_t row = first + (size_t)found.places[f] % ELUTE_PANEL_ROWS;
    above->indices[row * above->room + (size_t)above->counts[row]++] =
        (int32_t)(start + (size_t)found.places[f] / ELUTE_PANEL_ROWS);
  }
}

// Fills the lists of all rows with what the screen cannot exclude; those of rows of which nothing is proved stay empty.
static void screen_above(const EluteScreen *screen, const EluteLatents *latents, const EluteRows *rows,
                         const float *limits, const Workspace *w, EluteAbove *above) {
  int32_t products[ELUTE_MOST_TILE_LATENTS * ELUTE_PANEL_ROWS] __attribute__((aligned(64)));
  EluteScreenKind kind = screen->kind;
  size_t bytes = elute_screen_row_bytes(kind, latents->width);
  size_t splits = kind == ELUTE_FLOAT32 ? 0 : latents->split.count;
  const uint8_t *seen = kind == ELUTE_FLOAT32 ? (const uint8_t *)latents->encoder : latents->rows;
  for (size_t first = 0; first < rows->rows; first += ELUTE_PANEL_ROWS)
    prepare_panel(screen, latents, rows, bytes, first,
                  rows->rows - first < ELUTE_PANEL_ROWS ? rows->rows - first : ELUTE_PANEL_ROWS, 0, w);
  if (screen->begin) screen->begin();
  for (size_t start = 0; start < latents->latents; start += screen->tile_latents) {
    size_t left = latents->latents - start;
    size_t tile = left < screen->tile_latents ? left : screen->tile_latents;
    for (size_t first = 0; first < rows->rows; first += ELUTE_PANEL_ROWS) {
      uint32_t open[ELUTE_PANEL_ROWS / 16] = {0};
      for (size_t lane = 0; lane < ELUTE_PANEL_ROWS && first + lane < rows->rows; lane++)
        open[lane / 16] |= (uint32_t)!w->lists[first + lane].exhausted << lane % 16;
      screen->tile(w->panels + first * bytes, seen + start * bytes, bytes, tile, products);
#define ADD(kind, splits) \
  add_reaching(kind, splits, latents, start, tile, products, limits, first, open, w, above)
      if (kind == ELUTE_INT8 && splits == 0) ADD(ELUTE_INT8, 0);
      else if (kind == ELUTE_INT8) ADD(ELUTE_INT8, splits);
      else if (kind == ELUTE_BFLOAT16) ADD(ELUTE_BFLOAT16, splits);
      else ADD(ELUTE_FLOAT32, 0);
#undef ADD
    }
  }
  if (screen->end) screen->end();
}

static void choose_above(const EluteScreen *screen, const EluteLatents *latents, const EluteRows *rows,
                         const float *limits, void *scratch, EluteAbove *above) {
  if (screen->kind == ELUTE_INT8 && latents->width > WIDEST_BYTES) screen = &float32_screen;
  Workspace w = workspace(rows->stride, rows->rows, 0, scratch);
  for (size_t r = 0; r < rows->rows; r++) {
    w.order[r] = (int32_t)r;
    above->counts[r] = 0;
  }
  screen_above(screen, latents, rows, limits, &w, above);
  for (size_t r = 0; r < rows->rows; r++) {
    const float *x = rows->input + r * rows->stride;
    int32_t *indices = above->indices + r * above->room;
    float *values = above->values + r * above->room;
    if (w.lists[r].exhausted) {
      above->counts[r] = (int32_t)exceed_exhaustively(latents, x, limits, indices, values);
      above->survivors += latents->latents;
      continue;
    }
    size_t count = (size_t)above->counts[r], kept = 0;
    gathered_dots(x, latents->encoder, latents->stride, indices, count, latents->stride, values);
    for (size_t c = 0; c < count; c++) {
      int32_t latent = indices[c];
      float score = values[c] + latents->bias[latent];
      indices[kept] = latent;
      values[kept] = score;
      kept += score > limits[latent];
    }
    above->counts[r] = (int32_t)kept;
    above->survivors += count;
  }
}
#endif
