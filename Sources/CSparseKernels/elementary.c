#include "include/EluteElementary.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

static const double ln2_high = 0x1.62e42fefap-1, ln2_low = 0x1.cf79abc9e3b39p-40;

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, 8);
  return value;
}

double elute_log(double x) {
  if (!(x > 0)) return x == 0 ? -INFINITY : NAN;
  if (x == INFINITY) return x;
  int64_t exponent = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    exponent = -54;
  }
  uint64_t bits;
  memcpy(&bits, &x, 8);
  exponent += (int64_t)(bits >> 52) - 1023;
  double m = from_bits((bits & 0xFFFFFFFFFFFFFull) | 0x3FF0000000000000ull);
  if (m > 0x1.6a09e667f3bcdp0) {
    m /= 2;
    exponent++;
  }
  // log m = 2 artanh f, |f| <= 0.1716: eleven terms reach 2^-56.
  double f = (m - 1) / (m + 1), s = f * f, sum = 0;
  for (int n = 23; n >= 3; n -= 2) sum = (sum + 1.0 / n) * s;
  double e = (double)exponent;
  return e * ln2_high + (2 * f + (2 * f * sum + e * ln2_low));
}

double elute_exp(double x) {
  if (x != x) return x;
  if (x > 709.7) return INFINITY;
  if (x < -708.3) return 0;
  double scaled = x * 0x1.71547652b82fep0;
  int64_t k = (int64_t)(scaled + (scaled >= 0 ? 0.5 : -0.5));
  double r = (x - (double)k * ln2_high) - (double)k * ln2_low;
  // |r| <= 0.3466: Taylor to the 13th power reaches 2^-57.
  double sum = 1;
  for (int n = 13; n >= 1; n--) sum = 1 + sum * r / n;
  // In two factors, because 2^1024 is none.
  return sum * from_bits((uint64_t)(k / 2 + 1023) << 52) * from_bits((uint64_t)(k - k / 2 + 1023) << 52);
}

// sin and cos of 2 pi r, |r| <= 1/8, by their Taylor series to the 17th and 16th power.
static double sin_small(double r) {
  double t = r * 0x1.921fb54442d18p2, s = t * t, sum = 1;
  for (int n = 16; n >= 2; n -= 2) sum = 1 - sum * s / (n * (n + 1));
  return t * sum;
}
static double cos_small(double r) {
  double t = r * 0x1.921fb54442d18p2, s = t * t, sum = 1;
  for (int n = 16; n >= 2; n -= 2) sum = 1 - sum * s / (n * (n - 1));
  return sum;
}

// sin(2 pi (turns + quarters / 4)). Adding the quarters to turns would round.
static double sin_shifted(double turns, int64_t quarters) {
  double whole = floor(4 * turns + 0.5), r = turns - whole / 4;
  switch (((int64_t)whole + quarters) & 3) {
    case 0: return sin_small(r);
    case 1: return cos_small(r);
    case 2: return -sin_small(r);
    default: return -cos_small(r);
  }
}

double elute_sin_turns(double turns) { return sin_shifted(turns, 0); }
double elute_cos_turns(double turns) { return sin_shifted(turns, 1); }
