// Lists of the latents that may be among a row's k largest, as a screen sees them.
//
// Each candidate has an upper and a lower end of its true score, in units of the row's norm. A latent whose upper end
// is below the lower ends of k others is not among the k largest.

typedef struct {
  float *upper, *lower;       // [capacity], in the order of the latents
  int32_t *latents;
  size_t count;
  int exhausted;              // whether the list could not be thinned
} Candidates;

// A value that at least k of `count` values reach, close to the k-th largest: by halving an interval. The values are
// in a list with room for a multiple of sixteen. Values that are not numbers count as small.
static float near_kth_largest(float *values, size_t count, size_t k) {
  size_t padded = (count + 15) / 16 * 16;
  for (size_t c = count; c < padded; c++) values[c] = -INFINITY;
  v16 top = v16_fill(-INFINITY);
  for (size_t c = 0; c < padded; c += 16) top = v16_greatest(v16_load(values + c), top);
  float lanes[16], high = -INFINITY, low = INFINITY;
  v16_store(lanes, top);
  for (int l = 0; l < 16; l++) high = lanes[l] > high ? lanes[l] : high;
  size_t numbers = 0;
  for (size_t c = 0; c < count; c++) {
    low = values[c] < low ? values[c] : low;
    numbers += values[c] == values[c];
  }
  if (numbers < k) return -INFINITY;
  for (int round = 0; round < 24; round++) {
    float middle = low + (high - low) / 2;
    if (!(middle > low && middle < high)) break;
    v16 limit = v16_fill(middle);
    size_t reached = 0;
    for (size_t c = 0; c < padded; c += 16)
      reached += (size_t)__builtin_popcount(v16_at_least(v16_load(values + c), limit));
    if (reached >= k) low = middle;
    else high = middle;
    if (reached == k) break;
  }
  return low;
}

// Keeps the candidates whose upper end reaches a limit, in their order.
static void keep_reaching(Candidates *row, float limit) {
  size_t kept = 0;
  for (size_t c = 0; c < row->count; c++) {
    float upper = row->upper[c], lower = row->lower[c];
    int32_t latent = row->latents[c];
    row->upper[kept] = upper;
    row->lower[kept] = lower;
    row->latents[kept] = latent;
    kept += !(upper < limit);
  }
  row->count = kept;
}

// Thins a list of at least k candidates; returns the limit that any other now has to reach.
static float thin(Candidates *row, size_t k) {
  float limit = near_kth_largest(row->lower, row->count, k);
  keep_reaching(row, limit);
  return limit;
}
