/* Preloaded into the peers on AMD processors for the second table: MKL asks this function whether it runs
 * on Intel, and takes its slower AVX2 path where the answer is no. */
int mkl_serv_intel_cpu_true(void) { return 1; }
