/* Memory of one config: everything is allocated here and freed at once. */
#ifndef MEGALIF_CONFIG_STORE_H
#define MEGALIF_CONFIG_STORE_H

#include <stdbool.h>
#include <stddef.h>

struct store_block;

/* Start with {0}. Once an allocation has failed, `failed` stays set: the reader goes on where it
 * can and gives up at the end, so that callers need no error path of their own. */
struct store {
    struct store_block *blocks;
    bool failed;
};

/* count * size zeroed bytes (at least one), or NULL. */
void *config_alloc(struct store *store, size_t count, size_t size);

/* A list of `count` items of `size` bytes with room for at least one more: the list itself or a
 * larger copy; NULL when out of memory. Lists must grow by this function alone, one by one. */
void *config_grow(struct store *store, void *list, size_t count, size_t size);

/* A terminated copy of length characters, or NULL. */
char *config_copy(struct store *store, const char *text, size_t length);

void config_store_free(struct store *store);

#endif
