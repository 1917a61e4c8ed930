#include "CEmbeddedNetwork.h"

// #embed is C23; clang takes it in every C mode and warns.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char bytes[] __attribute__((aligned(64))) = {
#embed "mod113.safetensors"
};

const unsigned char *elute_mod113_bytes(void) { return bytes; }

size_t elute_mod113_count(void) { return sizeof bytes; }
