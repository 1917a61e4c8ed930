// What sets without masks and wide shuffles do by way of memory; included after a set's loads and stores.

static inline v16 v16_load_first(const float *p, size_t count) {
  float buffer[16] = {0};
  for (size_t i = 0; i < count; i++) buffer[i] = p[i];
  return v16_load(buffer);
}
static inline void v16_store_first(float *p, v16 x, size_t count) {
  float buffer[16];
  v16_store(buffer, x);
  for (size_t i = 0; i < count; i++) p[i] = buffer[i];
}

// Writes the lanes of a mask side by side, and first + lane. Returns how many there are.
static inline size_t v16_collect(v16 x, uint32_t mask, int32_t first, float *out, int32_t *places) {
  if (mask == 0) return 0;
  float lanes[16];
  size_t count = 0;
  v16_store(lanes, x);
  for (; mask; mask &= mask - 1) {
    int lane = __builtin_ctz(mask);
    out[count] = lanes[lane];
    places[count++] = first + lane;
  }
  return count;
}

// Rows become columns, by way of memory.
static inline void v16_transpose(v16 *rows) {
  float square[16][16];
  for (int i = 0; i < 16; i++) v16_store(square[i], rows[i]);
  for (int i = 0; i < 16; i++) {
    float column[16];
    for (int j = 0; j < 16; j++) column[j] = square[j][i];
    rows[i] = v16_load(column);
  }
}
