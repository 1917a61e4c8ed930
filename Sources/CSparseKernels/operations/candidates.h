// Lists of the latents that may be among a row's k largest, as a screen sees them.
//
// Each candidate has an upper and a lower end of its true score, in units of the row's norm. A latent whose upper end
// is below the lower ends of k others is not among the k largest.

typedef struct {
  float limit;                // what an upper end has to reach
  float scale, error, inverse;  // what the row's screen scores are scaled with, see quantize.h
  float *upper, *lower;       // [capacity], in the order of the latents
  int32_t *latents;           // [capacity]
  uint32_t count;
  uint32_t full;              // the count at which the list is thinned, less than the capacity
  int exhausted;              // whether the list could not be thinned
} Candidates;

// How many of `count` values, a multiple of sixteen, reach a limit.
static inline size_t reaching(const float *values, size_t count, float limit) {
  v16 least = v16_fill(limit);
  size_t reached = 0;
  for (size_t c = 0; c < count; c += 16)
    reached += (size_t)__builtin_popcount(v16_at_least(v16_load(values + c), least));
  return reached;
}

static inline float greatest_lane(v16 a) {
  float lanes[16];
  v16_store(lanes, a);
  for (size_t half = 8; half > 0; half /= 2)
    for (size_t l = 0; l < half; l++) lanes[l] = lanes[l] > lanes[l + half] ? lanes[l] : lanes[l + half];
  return lanes[0];
}

// A value that at least k of `count` values reach, and few more: by halving an interval. The values are in a list
// with room for a multiple of sixteen. Values that are not numbers are passed over.
static float near_kth_largest(float *values, size_t count, size_t k) {
  size_t padded = (count + 15) / 16 * 16;
  v16 high_lanes = v16_fill(-INFINITY), low_lanes = high_lanes, zero = v16_fill(0);
  for (size_t c = count; c < padded; c++) values[c] = INFINITY;
  for (size_t c = 0; c < padded; c += 16)
    low_lanes = v16_greatest(v16_subtract(zero, v16_load(values + c)), low_lanes);
  for (size_t c = count; c < padded; c++) values[c] = -INFINITY;
  for (size_t c = 0; c < padded; c += 16) high_lanes = v16_greatest(v16_load(values + c), high_lanes);
  float low = -greatest_lane(low_lanes), high = greatest_lane(high_lanes);
  if (reaching(values, padded, low) < k) return -INFINITY;
  if (count == k) return low;
  for (int round = 0; round < 24; round++) {
    float middle = low + (high - low) / 2;
    if (!(middle > low && middle < high)) break;
    size_t reached = reaching(values, padded, middle);
    if (reached >= k) low = middle;
    else high = middle;
    if (reached >= k && reached <= k + k / 8) break;
  }
  return low;
}

// Keeps the candidates whose upper end reaches a limit, in their order.
static void keep_reaching(Candidates *row, float limit) {
  uint32_t kept = 0;
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

// Thins a list of at least k candidates; its limit becomes the k-th lower end, or nearly.
static void thin(Candidates *row, size_t k) {
  row->limit = near_kth_largest(row->lower, row->count, k);
  keep_reaching(row, row->limit);
}

// Makes room in a full list. It grows by half each time, so that the limit rises early and lists are thinned rarely.
static void make_room(Candidates *row, size_t k, size_t capacity) {
  float before = row->limit;
  thin(row, k);
  row->limit = row->limit > before ? row->limit : before;
  size_t full = row->count + row->count / 2 + 16;
  row->full = (uint32_t)(full < capacity ? full : capacity - 1);
  if (row->count < capacity - capacity / 8) return;
  row->exhausted = 1;
  row->count = 0;
  row->limit = INFINITY;
}
