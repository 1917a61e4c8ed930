#define _GNU_SOURCE
#include "EluteThreadPool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef void (*Body)(void *, size_t, size_t);

struct EluteThreadPool {
  size_t workers;             // threads besides the caller
  pthread_t *handles;
  int callers_processor;      // where no worker may run; -1 at first
  pthread_mutex_t caller;     // held by the thread whose job runs
  pthread_mutex_t lock;
  pthread_cond_t start, finish;
  size_t job;                 // counts jobs: a sleeping worker wakes when it changes
  size_t busy;                // workers that have not finished the current job
  int ending;
  Body body;
  void *context;
  size_t units;
  atomic_size_t next;         // the next unit to hand out
};

typedef struct {
  EluteThreadPool *pool;
  size_t worker;
} Start;

static _Thread_local int inside_a_job = 0;

static void take_units(EluteThreadPool *pool, size_t worker) {
  for (;;) {
    size_t unit = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (unit >= pool->units) return;
    pool->body(pool->context, unit, worker);
  }
}

static void *serve(void *argument) {
  Start start = *(Start *)argument;
  free(argument);
  EluteThreadPool *pool = start.pool;
  inside_a_job = 1;
  size_t seen = 0;
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (pool->job == seen && !pool->ending) pthread_cond_wait(&pool->start, &pool->lock);
    if (pool->ending) break;
    seen = pool->job;
    pthread_mutex_unlock(&pool->lock);
    take_units(pool, start.worker);
    pthread_mutex_lock(&pool->lock);
    if (--pool->busy == 0) pthread_cond_signal(&pool->finish);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

// Keeping workers off the caller's processor. A thread that wakes another keeps it on its own processor, and for
// jobs of a millisecond the two would share it until the scheduler moves one away. (Spinning workers would not need
// this, but would take their processors from everyone else.) Workers may run anywhere else.
static void make_way(EluteThreadPool *pool) {
#if defined(__linux__)
  int here = sched_getcpu();
  if (here < 0 || here == pool->callers_processor) return;
  cpu_set_t others;
  if (sched_getaffinity(0, sizeof others, &others) != 0) return;
  if (CPU_COUNT(&others) < 2) return;
  CPU_CLR(here, &others);
  for (size_t worker = 0; worker < pool->workers; worker++)
    pthread_setaffinity_np(pool->handles[worker], sizeof others, &others);
  pool->callers_processor = here;
#else
  (void)pool;
#endif
}

EluteThreadPool *elute_pool_create(size_t threads) {
  EluteThreadPool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pthread_mutex_init(&pool->caller, NULL);
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->start, NULL);
  pthread_cond_init(&pool->finish, NULL);
  size_t wanted = threads > 1 ? threads - 1 : 0;
  pool->handles = calloc(wanted + 1, sizeof *pool->handles);
  pool->callers_processor = -1;
  for (size_t worker = 0; pool->handles && worker < wanted; worker++) {
    Start *start = malloc(sizeof *start);
    if (!start) break;
    *start = (Start){pool, worker + 1};
    if (pthread_create(&pool->handles[worker], NULL, serve, start) != 0) {
      free(start);
      break;
    }
    pool->workers++;
  }
  if (pool->workers < wanted) {
    elute_pool_destroy(pool);
    return NULL;
  }
  return pool;
}

void elute_pool_destroy(EluteThreadPool *pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->lock);
  pool->ending = 1;
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->lock);
  for (size_t worker = 0; worker < pool->workers; worker++) pthread_join(pool->handles[worker], NULL);
  pthread_cond_destroy(&pool->start);
  pthread_cond_destroy(&pool->finish);
  pthread_mutex_destroy(&pool->lock);
  pthread_mutex_destroy(&pool->caller);
  free(pool->handles);
  free(pool);
}

void elute_pool_run(EluteThreadPool *pool, size_t units, Body body, void *context) {
  if (inside_a_job || pool->workers == 0 || units < 2) {
    for (size_t unit = 0; unit < units; unit++) body(context, unit, 0);
    return;
  }
  pthread_mutex_lock(&pool->caller);
  make_way(pool);
  pthread_mutex_lock(&pool->lock);
  pool->body = body;
  pool->context = context;
  pool->units = units;
  atomic_store(&pool->next, 0);
  pool->busy = pool->workers;
  pool->job++;
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->lock);
  inside_a_job = 1;
  take_units(pool, 0);
  inside_a_job = 0;
  pthread_mutex_lock(&pool->lock);
  while (pool->busy > 0) pthread_cond_wait(&pool->finish, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
  pthread_mutex_unlock(&pool->caller);
}
