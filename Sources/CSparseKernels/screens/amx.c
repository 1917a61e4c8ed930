// The screen of AMX: 32 latents by 32 rows at a time, in tile registers of sixteen rows of 64 bytes.
#if defined(__x86_64__) && defined(__linux__)
#include "../kernels.h"

#include <cpuid.h>
#include <immintrin.h>  // before the push: its own functions carry their own targets
#include <sys/syscall.h>
#include <unistd.h>
#pragma clang attribute push(__attribute__((target("amx-tile,amx-int8"))), apply_to = function)

enum { LATENTS = 32, PANEL_BYTES = 4 * ELUTE_PANEL_ROWS };

static void begin(void) {
  struct {
    uint8_t palette, start, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  } shape = {.palette = 1};
  for (int t = 0; t < 8; t++) {
    shape.row_bytes[t] = 64;
    shape.rows[t] = 16;
  }
  _tile_loadconfig(&shape);
}

static void end(void) { _tile_release(); }

// Registers 0 to 3 hold the sums of twice sixteen latents with twice sixteen rows, 4 and 5 the latents, 6 and 7 the
// rows. The latents stay in the first cache while the rows pass through.
static void int8_tile(const void *panel, const void *rows, size_t row_bytes, size_t count, void *out) {
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
      _tile_dpbssd(0, 4, 6);
      _tile_loadd(7, x + 64, PANEL_BYTES);
      _tile_dpbssd(1, 4, 7);
      _tile_loadd(5, others + i, row_bytes);
      _tile_dpbssd(2, 5, 6);
      _tile_dpbssd(3, 5, 7);
    }
    int32_t *sums = (int32_t *)out + half * 32, *below = sums + 16 * ELUTE_PANEL_ROWS;
    _tile_stored(0, sums, PANEL_BYTES);
    _tile_stored(1, sums + 16, PANEL_BYTES);
    _tile_stored(2, below, PANEL_BYTES);
    _tile_stored(3, below + 16, PANEL_BYTES);
  }
}
#pragma clang attribute pop

// The processor must have tiles, and the system must let this process keep their state.
int elute_has_amx(void) {
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  const unsigned wanted = 1u << 24 | 1u << 25;  // amx-tile, amx-int8
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & wanted) != wanted) return 0;
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

const EluteScreen elute_amx_int8 = {ELUTE_INT8, "amx", LATENTS, 127, 0, begin, end, int8_tile};
#endif
