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
  int *processors;            // of the workers, and the one left for the caller, -1 if they roam
  int callers_processor;
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

// Keeping workers apart. A thread that wakes another keeps it on its own processor, and for jobs of a millisecond
// the two would share it until the scheduler moves one away. (Spinning workers would not need this, but would
// take their processors from everyone else.) So every worker has a processor of its own, where there are as many
// as threads, and one is left for the caller, wherever it runs.

#if defined(__linux__)
static void move(EluteThreadPool *pool, size_t worker, int processor) {
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(processor, &own);
  pool->processors[worker] = processor;
  pthread_setaffinity_np(pool->handles[worker], sizeof own, &own);
}

static void spread(EluteThreadPool *pool) {
  cpu_set_t allowed;
  pool->callers_processor = -1;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  if ((size_t)CPU_COUNT(&allowed) < pool->workers + 1) return;
  size_t placed = 0;
  for (int processor = 0; processor < CPU_SETSIZE && placed <= pool->workers; processor++) {
    if (!CPU_ISSET(processor, &allowed)) continue;
    if (placed == 0) pool->callers_processor = processor;
    else move(pool, placed - 1, processor);
    placed++;
  }
}

static void make_way(EluteThreadPool *pool) {
  if (pool->callers_processor < 0) return;
  int here = sched_getcpu();
  if (here == pool->callers_processor) return;
  for (size_t worker = 0; worker < pool->workers; worker++)
    if (pool->processors[worker] == here) move(pool, worker, pool->callers_processor);
  pool->callers_processor = here;
}
#else
static void spread(EluteThreadPool *pool) { pool->callers_processor = -1; }
static void make_way(EluteThreadPool *pool) { (void)pool; }
#endif

EluteThreadPool *elute_pool_create(size_t threads) {
  EluteThreadPool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pthread_mutex_init(&pool->caller, NULL);
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->start, NULL);
  pthread_cond_init(&pool->finish, NULL);
  size_t wanted = threads > 1 ? threads - 1 : 0;
  pool->handles = calloc(wanted + 1, sizeof *pool->handles);
  pool->processors = calloc(wanted + 1, sizeof *pool->processors);
  for (size_t worker = 0; pool->handles && pool->processors && worker < wanted; worker++) {
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
  spread(pool);
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
  free(pool->processors);
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
