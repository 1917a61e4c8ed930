// The arithmetic of Elute: every loop whose speed or whose bits matter.
//
// One table of functions per instruction set (plain, AVX2, AVX-512, NEON). All tables return the same
// bits: each operation is elementwise, or a chain of fused multiply-adds in a stated order, or the
// canonical dot product below, or for outer_products four products in double added in a stated order.
//
// Conventions: rows are row-major with a stride in their elements. "Padded" means that a row's tail up to the
// next multiple of 16 exists and is zero. Kernels never allocate, never start threads and never fail;
// the caller has checked shapes. Contracts stand beside the implementations, in operations/.
#ifndef CSPARSEKERNELS_H
#define CSPARSEKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "EluteDigest.h"
#include "EluteElementary.h"
#include "EluteMemory.h"
#include "EluteThreadPool.h"

#ifdef __cplusplus
extern "C" {
#endif

// Rows that one packed panel holds, and latents that one tile scores at once.
enum { ELUTE_PANEL_ROWS = 64, ELUTE_TILE_LATENTS = 6, ELUTE_MOST_TILE_LATENTS = 32 };

// Dimensions that can be split off a screen, and screens that a set can have.
enum { ELUTE_SPLITS = 16, ELUTE_MOST_SCREENS = 5 };

typedef enum {
  ELUTE_PLAIN = 0,
  ELUTE_AVX2 = 1,
  ELUTE_AVX512 = 2,
  ELUTE_NEON = 3,
} EluteKernelSet;

// The types in which a screen multiplies.
typedef enum {
  ELUTE_FLOAT32 = 0,
  ELUTE_BFLOAT16 = 1,
  ELUTE_INT8 = 2,
} EluteScreenKind;

// A screen: scores with a proved bound (operations/quantize.h), a tile of 64 packed rows by a few latents at a time.
typedef struct {
  EluteScreenKind kind;
  const char *instructions;   // what multiplies
  size_t tile_latents;        // at most ELUTE_MOST_TILE_LATENTS
  int32_t row_levels, row_offset;  // of bytes: steps on either side of zero, and what makes them unsigned
  void (*begin)(void), (*end)(void);  // before the first tile and after the last one of a thread, or NULL
  void (*tile)(const void *panel, const void *rows, size_t row_bytes, size_t count, void *out);
} EluteScreen;

// Dimensions far above a row's rms, which would ruin the common scale of its bytes: they are left out of the bytes,
// and their products are added in float.
typedef struct {
  const int32_t *dimensions;
  size_t count;               // at most ELUTE_SPLITS
} EluteSplit;

// What a screen knows of one latent.
typedef struct {
  float scale;                // w^ = scale * bytes
  float constant, slope;      // of the bound
  int32_t excess;             // row_offset * the sum of the bytes
} EluteLatentBound;

// The latents that a screen searches.
typedef struct {
  const float *encoder;       // [latents, stride], padded
  const float *bias;          // [latents]
  size_t latents, width, stride;
  const void *rows;           // [elute_screen_rows(latents), elute_screen_row_bytes], unused by float32
  const EluteLatentBound *bounds;  // [latents]
  EluteSplit split;
  const float *split_weights; // [latents, ELUTE_SPLITS]: the encoder's entries in the dimensions split off
} EluteLatents;

// One unit of rows to choose codes for.
typedef struct {
  const float *input;         // [rows, stride], padded: x - b_dec
  const float *norm;          // [rows], |(x, 1)|, see elute_row_bound
  size_t rows, stride;
  size_t k;                   // codes to keep a row, at least 1; this and what follows is `choose`'s alone
  int signs;                  // whether the k largest in magnitude are kept, with their signs
  float threshold;            // a guess: scores below it times the row's norm are not looked at first
} EluteRows;

// What a choice writes.
typedef struct {
  int32_t *indices;           // [rows, k], ascending within a row
  float *values;              // [rows, k], canonical scores, positive unless signs are kept
  int32_t *counts;            // [rows], at most k
  float *smallest;            // [rows], the k-th size over the row's norm, 0 if there are fewer than k
  uint64_t survivors;         // added up: scores that the screen could not exclude
  uint64_t fallbacks;         // added up: rows screened again
} EluteChoice;

// What choosing all codes above limits writes.
typedef struct {
  int32_t *indices;           // [rows, room], ascending within a row
  float *values;              // [rows, room], canonical scores
  int32_t *counts;            // [rows]
  size_t room;                // at least as many as there are latents
  uint64_t survivors;         // added up: scores that the screen could not exclude
} EluteAbove;

// Constants of one Adam step.
typedef struct {
  float beta1, beta2;         // decay of the first and second moment
  float complement1, complement2;  // 1 - beta1, 1 - beta2
  float rate;                 // learning rate / (1 - beta1^t)
  float correction;           // 1 / sqrt(1 - beta2^t)
  float epsilon;
} EluteAdam;

typedef struct {
  const char *name;
  float (*dot)(const float *a, const float *b, size_t width);
  void (*gathered_dots)(const float *x, const float *rows, size_t stride, const int32_t *indices,
                        size_t count, size_t width, float *out);
  void (*pack)(const float *rows, size_t stride, size_t count, size_t width, float *panel);
  void (*product_strip)(const float *panel, const float *rows, size_t stride, size_t count,
                        size_t width, float *out);
  void (*best_matches)(const float *panel, const float *rows, size_t stride, size_t count,
                       size_t width, int absolute, float *best, int32_t *where);
  void (*screen_latent)(const EluteScreen *screen, const EluteSplit *split, const float *row,
                        float bias, size_t width, size_t stride, float *scratch, void *out,
                        EluteLatentBound *bound);
  void (*choose)(const EluteScreen *screen, const EluteLatents *latents, const EluteRows *rows,
                 void *scratch, EluteChoice *choice);
  void (*choose_above)(const EluteScreen *screen, const EluteLatents *latents, const EluteRows *rows,
                       const float *limits, void *scratch, EluteAbove *above);
  void (*scores)(const float *input, size_t rows, const float *encoder, const float *bias, size_t count,
                 size_t width, float *out, size_t out_stride);
  size_t (*exceeding)(const float *scores, const float *limits, size_t count, int32_t first, float *values,
                      int32_t *indices);
  size_t (*select_largest)(const float *scores, size_t count, size_t k, int signs, void *scratch, float *values,
                           int32_t *indices);
  void (*decode)(const float *bias, const float *atoms, size_t stride, const int32_t *indices,
                 const float *values, size_t count, size_t width, float *out);
  void (*gradient_row)(const float *rows, size_t stride, const int32_t *indices,
                       const float *coefficients, size_t count, size_t width, float *out);
  void (*accumulate)(float *sum, const float *row, float scale, size_t width);
  void (*scale)(float *row, float factor, size_t width);
  void (*center)(const float *row, const float *factors, const float *bias, size_t width, float *out);
  void (*subtract)(const float *a, const float *b, size_t width, float *out);
  void (*project)(float *gradient, const float *atom, size_t width);
  void (*adam)(const EluteAdam *adam, float *weights, float *first, float *second,
               const float *gradient, size_t width);
  void (*signum)(float beta, float rate, float *weights, float *first, const float *gradient, size_t width);
  void (*normalize)(float *row, size_t width);
  void (*uniforms)(uint64_t key, uint64_t counter, size_t count, double *out);
  void (*gaussians)(uint64_t key, uint64_t counter, size_t count, float *out);
  void (*outer_products)(const double *rows, size_t count, size_t width, size_t first, size_t end, double *sum);
  double (*multiply_add_peak)(size_t repeats);
} EluteKernels;

// The table of a set, or NULL where this processor cannot run it.
const EluteKernels *elute_kernels(EluteKernelSet set);

// The screens that this processor has in a set: writes at most ELUTE_MOST_SCREENS, float32 first, of each kind the
// fastest first; returns how many.
size_t elute_screens(EluteKernelSet set, const EluteScreen **screens);

// Bytes of a row, and rows that must exist for latents, in a screen's type.
size_t elute_screen_row_bytes(EluteScreenKind kind, size_t width);
size_t elute_screen_rows(size_t latents);

// Bytes of scratch that `choose` needs for so many rows, and `choose_above` with a k of 0.
size_t elute_choose_scratch_bytes(size_t width, size_t rows, size_t k, size_t latents);

// |(w, b)|, the norm of a latent's encoder row with its bias, up to a rounding that the bound covers.
float elute_latent_bound(float squared_norm, float bias);

// |(x, 1)|, for EluteRows.norm, likewise.
float elute_row_bound(float squared_norm);

// The codes of some rows: those of row r are the entries starts[r] ..< starts[r] + counts[r], indices ascending.
typedef struct {
  const int32_t *indices;
  const int64_t *starts;      // [rows]
  const int32_t *counts;      // [rows]
  size_t first;               // the number of the first row
  size_t rows, latents;
} EluteCodes;

// Codes regrouped from row-major to latent-major, rows ascending within a latent (a counting sort), in three parts, for
// threads side by side: count each unit of rows (histograms is [units, latents]), turn the counts into offsets and
// cursors (latents + 1 and latents entries), and write the latents from..<to: for each entry its row, and what it has
// in each of some lanes.
void elute_count_codes(const EluteCodes *codes, size_t first, size_t rows, int32_t *histogram);
void elute_place_codes(const int32_t *histograms, size_t units, size_t latents, int64_t *offsets,
                       int64_t *cursor);
void elute_scatter_codes(const EluteCodes *codes, size_t from, size_t to, int64_t *cursor,
                         const float *const *lanes, size_t lane_count, int32_t *out_rows,
                         float *const *out_lanes);

#ifdef __cplusplus
}
#endif
#endif
