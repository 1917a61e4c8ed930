// Prints a digest for each operation; lines that begin with # are remarks. Fails if two sets of this machine differ.
#include "conformance.h"

#include <inttypes.h>
#include <stdio.h>

int main(void) {
  static Report reports[4];
  const char *names[4];
  size_t sets = 0;
  for (int set = ELUTE_PLAIN; set <= ELUTE_NEON; set++) {
    const EluteKernels *kernels = elute_kernels((EluteKernelSet)set);
    if (!kernels) continue;
    Report *report = &reports[sets];
    names[sets++] = kernels->name;
    report_rows(kernels, report);
    report_updates(kernels, report);
    report_products(kernels, report);
    report_choices(kernels, report);
    report_numbers(kernels, report);
    report_training(kernels, report);
  }
  int failed = 0;
  for (size_t line = 0; line < reports[0].count; line++) {
    printf("%-44s %016" PRIx64 "\n", reports[0].lines[line].name, reports[0].lines[line].digest);
    for (size_t set = 1; set < sets; set++) {
      if (reports[set].lines[line].digest == reports[0].lines[line].digest) continue;
      fprintf(stderr, "%s: the %s kernels give other bits than the %s ones\n",
              reports[0].lines[line].name, names[set], names[0]);
      failed = 1;
    }
  }
  printf("#");
  for (size_t set = 0; set < sets; set++) printf(" %s", names[set]);
  printf(failed ? ": they differ\n" : ": the same bits\n");
  return failed;
}
