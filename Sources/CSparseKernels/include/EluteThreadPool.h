// A pool of threads that sleep between jobs.
//
// A job is a number of units; threads take the next unit when they have finished one, so slow cores
// hold nobody up. The caller works too. Which thread runs a unit is not determined: a unit must write
// only what is its own.
#ifndef ELUTE_THREADPOOL_H
#define ELUTE_THREADPOOL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct EluteThreadPool EluteThreadPool;

// A pool of `threads` threads, the caller counted; NULL if they cannot be started.
EluteThreadPool *elute_pool_create(size_t threads);
void elute_pool_destroy(EluteThreadPool *pool);

// Runs body(context, unit, worker) for every unit below `units`; returns when all are done.
// One job at a time: a second caller waits. A job started by a thread that works on another job runs on
// that thread alone.
void elute_pool_run(EluteThreadPool *pool, size_t units,
                    void (*body)(void *context, size_t unit, size_t worker), void *context);

#ifdef __cplusplus
}
#endif
#endif
