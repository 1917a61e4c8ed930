// Elementary functions without branches, so that loops over them become vector code. See EluteElementary.h.

static inline double double_of_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, 8);
  return value;
}

static const double ln2_high = 0x1.62e42fefap-1, ln2_low = 0x1.cf79abc9e3b39p-40;

// log x * 2^-shift for a positive normal x.
static inline double log_normal(double x, int64_t shift) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  double m = double_of_bits((bits & 0xFFFFFFFFFFFFFull) | 0x3FF0000000000000ull);
  int64_t above = m > 0x1.6a09e667f3bcdp0;
  m = above ? m / 2 : m;
  double e = (double)((int64_t)(bits >> 52) - 1023 - shift + above);
  // log m = 2 artanh f, |f| <= 0.1716: eleven terms reach 2^-56.
  double f = (m - 1) / (m + 1), s = f * f, sum = 0;
#pragma clang loop unroll(full)
  for (int n = 23; n >= 3; n -= 2) sum = (sum + 1.0 / n) * s;
  return e * ln2_high + (2 * f + (2 * f * sum + e * ln2_low));
}

// sin(2 pi (turns + quarters / 4)); adding the quarters to turns would round. By the Taylor series of sin and cos
// up to an eighth of a turn, to the 17th and 16th power.
static inline double sin_shifted(double turns, int64_t quarters) {
  static const double inverse_factorial[18] = {
      1,            1,           1.0 / 2,       1.0 / 6,        1.0 / 24,         1.0 / 120,
      1.0 / 720,    1.0 / 5040,  1.0 / 40320,   1.0 / 362880,   1.0 / 3628800,    1.0 / 39916800,
      1.0 / 479001600,           1.0 / 6227020800,              1.0 / 87178291200,
      1.0 / 1307674368000,       1.0 / 20922789888000,          1.0 / 355687428096000};
  double whole = __builtin_elementwise_floor(4 * turns + 0.5);
  double t = (turns - whole / 4) * 0x1.921fb54442d18p2, s = -(t * t);
  double sine = inverse_factorial[17], cosine = inverse_factorial[16];
#pragma clang loop unroll(full)
  for (int n = 15; n >= 1; n -= 2) {
    sine = sine * s + inverse_factorial[n];
    cosine = cosine * s + inverse_factorial[n - 1];
  }
  int64_t quarter = (int64_t)whole + quarters;
  double value = quarter & 1 ? cosine : t * sine;
  return quarter & 2 ? -value : value;
}
