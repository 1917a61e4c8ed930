// How the C library keeps memory that was given back.
#ifndef ELUTE_MEMORY_H
#define ELUTE_MEMORY_H

#ifdef __cplusplus
extern "C" {
#endif

// Has blocks of 4 MiB and more go back to the system as soon as they are freed. By itself glibc learns
// to keep blocks of up to 32 MiB, between which holes grow: a quarter of all memory was measured.
// Nothing is done where the C library has no such setting.
void elute_give_back_large_blocks(void);

#ifdef __cplusplus
}
#endif

#endif
