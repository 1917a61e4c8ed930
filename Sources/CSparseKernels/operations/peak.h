// The fastest float32 fused multiply-adds that a thread of this set can do: independent chains in registers.
// Returns the number of operations done, a multiply-add counting two.
#ifdef ELUTE_PLAIN_TWIN
static double multiply_add_peak(size_t repeats) {
  volatile float sink;
  float sum[4] = {0};
  for (size_t r = 0; r < repeats; r++)
    for (int c = 0; c < 4; c++) sum[c] = fmaf(sum[c], 0.5f, 1.0f);
  sink = sum[0] + sum[1] + sum[2] + sum[3];
  (void)sink;
  return 2.0 * 4 * (double)repeats;
}
#else
static double multiply_add_peak(size_t repeats) {
  enum { CHAINS = 2 + 2 * ROW_VECTORS - (TILE_VECTORS == 1 ? 4 : 2) };
  volatile float sink;
  v16 sum[CHAINS], half = v16_fill(0.5f), one = v16_fill(1);
  for (int c = 0; c < CHAINS; c++) sum[c] = v16_fill((float)c);
  for (size_t r = 0; r < repeats; r++)
    for (int c = 0; c < CHAINS; c++) sum[c] = v16_fma(sum[c], half, one);
  for (int c = 1; c < CHAINS; c++) sum[0] = v16_add(sum[0], sum[c]);
  sink = v16_sum(sum[0]);
  (void)sink;
  return 2.0 * 16 * CHAINS * (double)repeats;
}
#endif
