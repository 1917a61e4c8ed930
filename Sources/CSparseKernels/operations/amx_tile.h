// A tile of 32 latents by 64 rows in the registers of AMX; the including file defines TILE_NAME, LATENTS, PANEL_BYTES and
//
//   tile_dot(sums, latents, rows), which adds the inner products of words of four bytes.
//
// Registers 0 to 3 hold the sums of twice sixteen latents with twice sixteen rows, 4 and 5 the latents, 6 and 7 the
// rows. The latents stay in the first cache while the rows pass through.
static void TILE_NAME(const void *panel, const void *rows, size_t row_bytes, size_t count, void *out) {
  (void)count;
  const uint8_t *weights = rows, *others = weights + 16 * row_bytes;
  for (size_t half = 0; half < 2; half++) {
    const uint8_t *x = (const uint8_t *)panel + half * 128;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t i = 0; i < row_bytes; i += 64, x += 16 * PANEL_BYTES) {
      for (size_t l = half * 16; l < half * 16 + 16; l++)
        __builtin_prefetch(weights + (LATENTS + l) * row_bytes + i, 0, 2);
      _tile_loadd(4, weights + i, row_bytes);
      _tile_loadd(6, x, PANEL_BYTES);
      tile_dot(0, 4, 6);
      _tile_loadd(7, x + 64, PANEL_BYTES);
      tile_dot(1, 4, 7);
      _tile_loadd(5, others + i, row_bytes);
      tile_dot(2, 5, 6);
      tile_dot(3, 5, 7);
    }
    int32_t *sums = (int32_t *)out + half * 32, *below = sums + 16 * ELUTE_PANEL_ROWS;
    _tile_stored(0, sums, PANEL_BYTES);
    _tile_stored(1, sums + 16, PANEL_BYTES);
    _tile_stored(2, below, PANEL_BYTES);
    _tile_stored(3, below + 16, PANEL_BYTES);
  }
}
