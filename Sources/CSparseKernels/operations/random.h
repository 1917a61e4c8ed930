// Counter-based random numbers: number i of a key is a pure function of (key, i).
//
// Philox 4x32 with ten rounds (Salmon et al., SC 2011). A block of four words gives two uniforms of 53 bits or,
// by Box and Muller, two Gaussians. Everything is elementwise, so one source serves every set.

static inline void philox(uint64_t key, uint64_t counter, uint32_t out[4]) {
  uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32), c2 = 0, c3 = 0;
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

static inline double uniform_of(uint32_t high, uint32_t low) {
  return (double)(((uint64_t)high << 32 | low) >> 11) * 0x1p-53;
}

// out[i] = uniform number counter + i of the key, in [0, 1).
static void uniforms(uint64_t key, uint64_t counter, size_t count, double *out) {
  for (size_t i = 0; i < count; i++) {
    uint32_t words[4];
    philox(key, (counter + i) / 2, words);
    size_t half = (counter + i) % 2 * 2;
    out[i] = uniform_of(words[half], words[half + 1]);
  }
}

// out[i] = Gaussian number counter + i of the key: r cos(2 pi v) for even numbers, r sin(2 pi v) for odd ones,
// r = sqrt(-2 log(1 - u)).
static void gaussians(uint64_t key, uint64_t counter, size_t count, float *out) {
  enum { PAIRS = 64 };
  double radii[PAIRS], turns[PAIRS];
  float pairs[2 * PAIRS];
  for (size_t i = 0; i < count;) {
    uint64_t first = (counter + i) / 2;
    size_t skipped = (counter + i) % 2, left = (skipped + count - i + 1) / 2;
    size_t blocks = left < PAIRS ? left : PAIRS;
    for (size_t p = 0; p < blocks; p++) {
      uint32_t words[4];
      philox(key, first + p, words);
      radii[p] = 1 - uniform_of(words[0], words[1]);
      turns[p] = uniform_of(words[2], words[3]);
    }
    for (size_t p = 0; p < blocks; p++) radii[p] = __builtin_elementwise_sqrt(-2 * log_normal(radii[p], 0));
    for (size_t p = 0; p < blocks; p++) {
      pairs[2 * p] = (float)(radii[p] * sin_shifted(turns[p], 1));
      pairs[2 * p + 1] = (float)(radii[p] * sin_shifted(turns[p], 0));
    }
    size_t made = 2 * blocks - skipped, taken = made < count - i ? made : count - i;
    memcpy(out + i, pairs + skipped, taken * sizeof *out);
    i += taken;
  }
}
