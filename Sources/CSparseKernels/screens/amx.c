// The bfloat16 screen of AMX: sixteen latents at a time, in tile registers of sixteen rows of 64 bytes.
#if defined(__x86_64__) && defined(__linux__)
#include "../kernels.h"

#include <cpuid.h>
#include <immintrin.h>  // before the push: its own functions carry their own targets
#include <sys/syscall.h>
#include <unistd.h>
#pragma clang attribute push(__attribute__((target("amx-tile,amx-bf16"))), apply_to = function)

enum { LATENTS = 16, PANEL_BYTES = 4 * ELUTE_PANEL_ROWS };

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

// Registers 0 to 3 hold the sums of sixteen latents with four times sixteen rows, 4 the latents, 5 and 6 the rows.
static void bfloat16_tile(const void *panel, const void *rows, size_t row_bytes, size_t count, void *out) {
  (void)count;
  const uint8_t *weights = rows, *x = panel;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (size_t i = 0; i < row_bytes; i += 64, x += LATENTS * PANEL_BYTES) {
    for (size_t l = 0; l < LATENTS; l++)
      __builtin_prefetch(weights + (LATENTS + l) * row_bytes + i);
    _tile_loadd(4, weights + i, row_bytes);
    _tile_loadd(5, x, PANEL_BYTES);
    _tile_dpbf16ps(0, 4, 5);
    _tile_loadd(6, x + 64, PANEL_BYTES);
    _tile_dpbf16ps(1, 4, 6);
    _tile_loadd(5, x + 128, PANEL_BYTES);
    _tile_dpbf16ps(2, 4, 5);
    _tile_loadd(6, x + 192, PANEL_BYTES);
    _tile_dpbf16ps(3, 4, 6);
  }
  float *sums = out;
  _tile_stored(0, sums, PANEL_BYTES);
  _tile_stored(1, sums + 16, PANEL_BYTES);
  _tile_stored(2, sums + 32, PANEL_BYTES);
  _tile_stored(3, sums + 48, PANEL_BYTES);
}
#pragma clang attribute pop

// The processor must have tiles, and the system must let this process keep their state.
int elute_has_amx(void) {
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  const unsigned wanted = 1u << 22 | 1u << 24;  // amx-bf16, amx-tile
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & wanted) != wanted) return 0;
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

const EluteScreen elute_amx_bfloat16 = {ELUTE_BFLOAT16, "amx", LATENTS, 0, 0, begin, end, bfloat16_tile};
#endif
