// A tile whose words are multiplied and added by one instruction of the including file, which defines
//
//   TILE_NAME, the function; WORDS, sixteen words; words_load, words_fill (one word to all), words_zero, words_store,
//   words_dot(sum, x, w): each lane of sum plus the inner product of the parts of its two words;
//   TILE_VECTORS, how many WORDS of rows are summed side by side.
//
// Six latents are scored though fewer may count: rows behind the last exist (see elute_screen_rows).
static void TILE_NAME(const void *panel, const void *rows, size_t row_bytes, size_t count, void *out) {
  (void)count;
  const uint8_t *weights = rows;
  for (size_t part = 0; part < ELUTE_PANEL_ROWS; part += 16 * TILE_VECTORS) {
    WORDS sum[ELUTE_TILE_LATENTS][TILE_VECTORS];
    for (int l = 0; l < ELUTE_TILE_LATENTS; l++)
      for (int v = 0; v < TILE_VECTORS; v++) sum[l][v] = words_zero();
    const uint32_t *here = (const uint32_t *)panel + part;
    for (size_t i = 0; i < row_bytes;) {
      // The next tile's rows are on their way while this one's are used.
      for (size_t l = 0; l < ELUTE_TILE_LATENTS; l++)
        __builtin_prefetch(weights + (ELUTE_TILE_LATENTS + l) * row_bytes + i);
      for (size_t end = i + 64; i < end; i += 4, here += ELUTE_PANEL_ROWS) {
        WORDS x[TILE_VECTORS];
        for (int v = 0; v < TILE_VECTORS; v++) x[v] = words_load(here + 16 * v);
        for (int l = 0; l < ELUTE_TILE_LATENTS; l++) {
          WORDS w = words_fill(weights + (size_t)l * row_bytes + i);
          for (int v = 0; v < TILE_VECTORS; v++) sum[l][v] = words_dot(sum[l][v], x[v], w);
        }
      }
    }
    for (size_t l = 0; l < ELUTE_TILE_LATENTS; l++)
      for (size_t v = 0; v < TILE_VECTORS; v++)
        words_store((uint32_t *)out + l * ELUTE_PANEL_ROWS + part + 16 * v, sum[l][v]);
  }
}
