// The update of one row: tangent projection, dense Adam, unit norm. Widths are padded.

// gradient = gradient - (gradient . atom) atom: what is left cannot change the length of a unit atom.
#ifdef ELUTE_PLAIN_TWIN
static void project(float *gradient, const float *atom, size_t width) {
  float along = dot(gradient, atom, width);
  for (size_t i = 0; i < width; i++) gradient[i] = fmaf(-along, atom[i], gradient[i]);
}
#else
static void project(float *gradient, const float *atom, size_t width) {
  v16 along = v16_fill(dot(gradient, atom, width));
  for (size_t i = 0; i < width; i += 16)
    v16_store(gradient + i, v16_fnma(along, v16_load(atom + i), v16_load(gradient + i)));
}
#endif

// One step of Adam (Kingma & Ba 2015, algorithm 1):
//
//   m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2,
//   w = w - rate * m / (sqrt(v) * correction + epsilon)
//
// Moments below 2^-100 become zero, so that none is ever denormal.
#ifdef ELUTE_PLAIN_TWIN
static void adam(const EluteAdam *a, float *weights, float *first, float *second,
                 const float *gradient, size_t width) {
  for (size_t i = 0; i < width; i++) {
    float g = gradient[i], fresh = a->complement1 * g, square = g * g;
    float m = fmaf(a->beta1, first[i], fresh);
    float v = fmaf(a->beta2, second[i], a->complement2 * square);
    if (!(fabsf(m) >= 0x1p-100f)) m = 0;
    if (!(fabsf(v) >= 0x1p-100f)) v = 0;
    first[i] = m;
    second[i] = v;
    float denominator = fmaf(sqrtf(v), a->correction, a->epsilon);
    weights[i] = fmaf(-a->rate, m / denominator, weights[i]);
  }
}
#else
static void adam(const EluteAdam *a, float *weights, float *first, float *second,
                 const float *gradient, size_t width) {
  v16 beta1 = v16_fill(a->beta1), beta2 = v16_fill(a->beta2), rate = v16_fill(a->rate);
  v16 complement1 = v16_fill(a->complement1), complement2 = v16_fill(a->complement2);
  v16 correction = v16_fill(a->correction), epsilon = v16_fill(a->epsilon);
  v16 tiny = v16_fill(0x1p-100f);
  for (size_t i = 0; i < width; i += 16) {
    v16 g = v16_load(gradient + i);
    v16 m = v16_fma(beta1, v16_load(first + i), v16_multiply(complement1, g));
    v16 square = v16_multiply(g, g);
    v16 v = v16_fma(beta2, v16_load(second + i), v16_multiply(complement2, square));
    m = v16_keep_from(m, tiny);
    v = v16_keep_from(v, tiny);
    v16_store(first + i, m);
    v16_store(second + i, v);
    v16 denominator = v16_fma(v16_root(v), correction, epsilon);
    v16_store(weights + i, v16_fnma(rate, v16_divide(m, denominator), v16_load(weights + i)));
  }
}
#endif

// One step of the sign of a running mean (Bernstein et al. 2018): m = beta m + (1 - beta) g, w = w - rate * sign(m),
// sign(0) = 0. Moments below 2^-100 become zero.
#ifdef ELUTE_PLAIN_TWIN
static void signum(float beta, float rate, float *weights, float *first, const float *gradient, size_t width) {
  float complement = 1 - beta;
  for (size_t i = 0; i < width; i++) {
    float fresh = complement * gradient[i], m = fmaf(beta, first[i], fresh);
    if (!(fabsf(m) >= 0x1p-100f)) m = 0;
    first[i] = m;
    if (m > 0) weights[i] = weights[i] - rate;
    else if (m < 0) weights[i] = weights[i] + rate;
  }
}
#else
static void signum(float beta, float rate, float *weights, float *first, const float *gradient, size_t width) {
  v16 b = v16_fill(beta), complement = v16_fill(1 - beta), tiny = v16_fill(0x1p-100f);
  for (size_t i = 0; i < width; i += 16) {
    v16 m = v16_fma(b, v16_load(first + i), v16_multiply(complement, v16_load(gradient + i)));
    m = v16_keep_from(m, tiny);
    v16_store(first + i, m);
    float moments[16];
    v16_store(moments, m);
    for (size_t l = 0; l < 16; l++) weights[i + l] -= moments[l] > 0 ? rate : moments[l] < 0 ? -rate : 0;
  }
}
#endif

// row = row / |row|; a row of length zero stays.
static void normalize(float *row, size_t width) {
  float squared = dot(row, row, width);
  if (squared > 0) scale(row, 1 / sqrtf(squared), width);
}
