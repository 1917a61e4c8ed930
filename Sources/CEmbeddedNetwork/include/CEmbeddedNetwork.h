// The trained mod-113 network, a safetensors file inside the binary.
//
// A resource bundle would need a folder beside the executable; this needs none.
// What made the file stands in its `__metadata__` and in Sources/AlgorithmicTransformer/README.md.
#ifndef ELUTE_EMBEDDED_NETWORK_H
#define ELUTE_EMBEDDED_NETWORK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// The file's bytes; they live as long as the program.
const unsigned char *elute_mod113_bytes(void);

// The number of bytes.
size_t elute_mod113_count(void);

#ifdef __cplusplus
}
#endif
#endif
