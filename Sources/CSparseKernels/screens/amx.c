// The screens of AMX: 32 latents by 32 rows at a time, in tile registers of sixteen rows of 64 bytes.
#if defined(__x86_64__) && defined(__linux__)
#include "../kernels.h"

#include <cpuid.h>
#include <immintrin.h>  // before the push: its own functions carry their own targets
#include <sys/syscall.h>
#include <unistd.h>
#pragma clang attribute push(__attribute__((target("amx-tile,amx-int8,amx-bf16"))), apply_to = function)

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

#define TILE_NAME int8_tile
#define tile_dot _tile_dpbssd
#include "../operations/amx_tile.h"
#undef TILE_NAME
#undef tile_dot

#define TILE_NAME bfloat16_tile
#define tile_dot _tile_dpbf16ps
#include "../operations/amx_tile.h"
#pragma clang attribute pop

// The processor must have tiles, and the system must let this process keep their state.
int elute_has_amx(void) {
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  const unsigned wanted = 1u << 22 | 1u << 24 | 1u << 25;  // amx-bf16, amx-tile, amx-int8; none has only some
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & wanted) != wanted) return 0;
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

const EluteScreen elute_amx_int8 = {ELUTE_INT8, "amx", LATENTS, 127, 0, begin, end, int8_tile};
const EluteScreen elute_amx_bfloat16 = {ELUTE_BFLOAT16, "amx-bf16", LATENTS, 0, 0, begin, end, bfloat16_tile};
#endif
