/* SPDX-License-Identifier: MIT */
/* pool.c: memory that is taken bit by bit and given back at once. */
#include <stdlib.h>

#include "tinyinfer_compiler.h"

/* Bytes of an ordinary chunk. 0 gives each allocation a chunk of its own, so
 * that AddressSanitizer sees where each one ends. */
#if !defined(TIN_POOL_CHUNK_BYTES)
# if defined(__SANITIZE_ADDRESS__)
#  define TIN_POOL_CHUNK_BYTES 0
# elif defined(__has_feature)
#  if __has_feature(address_sanitizer)
#   define TIN_POOL_CHUNK_BYTES 0
#  endif
# endif
#endif
#if !defined(TIN_POOL_CHUNK_BYTES)
# define TIN_POOL_CHUNK_BYTES 65536
#endif

/* Begins a chunk; its bytes follow, aligned for every type. */
typedef union tin_chunk tin_chunk;
union tin_chunk {
    struct {
        tin_chunk *next;
        size_t used, capacity;
    } head;
    long long align_integer;
    double align_double;
    long double align_long_double;
    void *align_pointer;
    void (*align_function)(void);
};

struct tin_pool {
    tin_chunk *chunks; /* the one in use comes first */
};

tin_pool *tin_pool_new(void)
{
    return calloc(1, sizeof(tin_pool));
}

void tin_pool_free(tin_pool *pool)
{
    tin_chunk *chunk, *next;

    if (!pool)
        return;
    for (chunk = pool->chunks; chunk; chunk = next) {
        next = chunk->head.next;
        free(chunk);
    }
    free(pool);
}

/* A chunk of zeros; NULL when there is no memory. */
static tin_chunk *chunk_new(size_t capacity)
{
    tin_chunk *chunk = calloc(1, sizeof *chunk + capacity);

    if (chunk)
        chunk->head.capacity = capacity;
    return chunk;
}

/* A large request gets a chunk of its own behind the one in use, which keeps
 * its free rest. */
static void *alloc_alone(tin_pool *pool, size_t bytes)
{
    tin_chunk *chunk = chunk_new(bytes);

    if (!chunk)
        return NULL;
    chunk->head.used = bytes;
    if (pool->chunks) {
        chunk->head.next = pool->chunks->head.next;
        pool->chunks->head.next = chunk;
    } else {
        pool->chunks = chunk;
    }
    return chunk + 1;
}

void *tin_pool_alloc(tin_pool *pool, uint64_t bytes)
{
    const size_t unit = sizeof(tin_chunk);
    tin_chunk *chunk = pool->chunks;
    size_t rounded;

    if (bytes > (uint64_t)1 << 40 || bytes > SIZE_MAX / 2 - unit)
        return NULL;
    if (bytes > TIN_POOL_CHUNK_BYTES / 4)
        return alloc_alone(pool, (size_t)bytes);
    // Whole units keep every address aligned; 0 bytes take one as well.
    rounded = bytes ? ((size_t)bytes + unit - 1) / unit * unit : unit;
    if (!chunk || chunk->head.capacity - chunk->head.used < rounded) {
        chunk = chunk_new(TIN_POOL_CHUNK_BYTES + unit);
        if (!chunk)
            return NULL;
        chunk->head.next = pool->chunks;
        pool->chunks = chunk;
    }
    chunk->head.used += rounded;
    return (unsigned char *)(chunk + 1) + chunk->head.used - rounded;
}
