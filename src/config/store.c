/* The memory of a config, in blocks. */
#include "config/store.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct store_block {
    struct store_block *next;
    max_align_t data[];
};

void *config_alloc(struct store *store, size_t count, size_t size)
{
    struct store_block *block = NULL;
    if (size == 0 || count <= (SIZE_MAX - sizeof *block - 1) / size)
        block = calloc(1, sizeof *block + count * size + 1);
    if (!block) {
        store->failed = true;
        return NULL;
    }
    block->next = store->blocks;
    store->blocks = block;
    return block->data;
}

void *config_grow(struct store *store, void *list, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return list; /* room is always a power of two */
    void *larger = config_alloc(store, count ? 2 * count : 1, size);
    if (larger && count)
        memcpy(larger, list, count * size);
    return larger;
}

char *config_copy(struct store *store, const char *text, size_t length)
{
    char *copy = config_alloc(store, length + 1, 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

void config_store_free(struct store *store)
{
    while (store->blocks) {
        struct store_block *next = store->blocks->next;
        free(store->blocks);
        store->blocks = next;
    }
}
