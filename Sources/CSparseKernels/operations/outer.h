// Sums of outer products, in double. The same source serves every set: products are not fused with sums, and no element
// of a row depends on another.

static inline void add_four_products(const double *restrict a, size_t width, size_t line, double *restrict sum) {
  const double *b = a + width, *c = b + width, *d = c + width;
  double p = a[line], q = b[line], s = c[line], t = d[line];
  for (size_t i = 0; i <= line; i++) sum[i] += (p * a[i] + q * b[i]) + (s * c[i] + t * d[i]);
}

static inline void add_products(const double *restrict a, size_t line, double *restrict sum) {
  double p = a[line];
  for (size_t i = 0; i <= line; i++) sum[i] += p * a[i];
}

// sum[line, column] += the sum over rows of row[line] * row[column], for the lines first ..< end and columns up to the
// line's own. Rows are taken four at a time in their order, then one by one; they and the sum are `width` apart.
static void outer_products(const double *rows, size_t count, size_t width, size_t first, size_t end, double *sum) {
  size_t r = 0;
  for (; r + 4 <= count; r += 4)
    for (size_t line = first; line < end; line++) add_four_products(rows + r * width, width, line, sum + line * width);
  for (; r < count; r++)
    for (size_t line = first; line < end; line++) add_products(rows + r * width, line, sum + line * width);
}
