/* Walks over the index of a group of the first version (HDF5's file format, III.A.1, III.B to
 * III.D): a tree whose leaves list links, and a heap with their names. HDF5 1.10 follows
 * addresses out of the file, and the heap's free list round and round. Newer groups are of other
 * structures, with checksums. */
#include "io/hdf5_group.h"

#include "io/hdf5_cursor.h"

#include <stdlib.h>
#include <string.h>

enum { SIGNATURE = 4, TREE_HEAD = 8, LEAF_HEAD = 8, HEAP_HEAD = 8 };
enum {
    LEVELS_MOST = 32,
    NAMES_MOST = 1 << 30,
    SCRATCH = 16,
    SOFT_LINK = 2,
    NO_BLOCK = 1,
    FEW = 4096
};

static const char BAD_TREE[] = "the index of its links makes no sense";
static const char BAD_LINK[] = "a link in it makes no sense";
static const char BAD_HEAP[] = "the names of its links make no sense";

struct group {
    const struct hdf5_bytes *file;
    uint64_t nodes; /* at most so many more fit into the file */
    uint64_t names; /* bytes of the names up to the last zero: each name ends in them */
    size_t tree_bytes, leaf_bytes; /* of a node, with room for all entries */
    bool starved;                  /* of memory */
};

static void free_piece(uint8_t *piece, const uint8_t *few)
{
    if (piece != few)
        free(piece);
}

/* Bytes at an address, for free_piece: in the FEW of the caller's if they have room there. NULL
 * where the file ends before, or without memory. */
static uint8_t *read_piece(struct group *g, uint64_t address, size_t size, uint8_t *few)
{
    bool inside = size <= g->file->bytes && address <= g->file->bytes - size;
    uint8_t *piece = !inside ? NULL : size <= FEW ? few : malloc(size);
    g->starved = g->starved || (inside && !piece);
    if (piece && hdf5_bytes_read(g->file, address, piece, size))
        return piece;
    free_piece(piece, few);
    return NULL;
}

static bool is_signed(struct hdf5_cursor *c, const char *signature)
{
    const uint8_t *at = hdf5_cursor_take(c, SIGNATURE);
    return at && memcmp(at, signature, SIGNATURE) == 0;
}

/* Do the blocks of the free list lie in the heap, each listed once? */
static bool is_free_list(const struct hdf5_bytes *file, const uint8_t *data, uint64_t size,
                         uint64_t block)
{
    const size_t bytes = file->size_bytes;
    for (uint64_t most = size / (2 * bytes); block != NO_BLOCK; most--) {
        if (most == 0 || block > size || size - block < 2 * bytes)
            return false;
        uint64_t next = hdf5_bytes_number(data + block, bytes);
        if (hdf5_bytes_number(data + block + bytes, bytes) > size - block)
            return false;
        block = next;
    }
    return true;
}

static const char *names_fault(struct group *g, uint64_t address, uint64_t size, uint64_t block)
{
    uint8_t few[FEW], *data = size <= NAMES_MOST ? read_piece(g, address, size, few) : NULL;
    bool good = data && is_free_list(g->file, data, size, block);
    for (g->names = size; good && g->names > 0 && data[g->names - 1]; g->names--)
        ;
    free_piece(data, few);
    return good ? NULL : BAD_HEAP;
}

static const char *heap_fault(struct group *g, uint64_t address)
{
    const size_t size = HEAP_HEAD + 2 * g->file->size_bytes + g->file->address_bytes;
    uint8_t few[FEW], *head = read_piece(g, address, size, few);
    struct hdf5_cursor c = {head, size, head == NULL};
    bool good = is_signed(&c, "HEAP");
    hdf5_cursor_take(&c, HEAP_HEAD - SIGNATURE);
    uint64_t bytes = hdf5_cursor_number(&c, g->file->size_bytes);
    uint64_t block = hdf5_cursor_number(&c, g->file->size_bytes);
    uint64_t data = hdf5_cursor_number(&c, g->file->address_bytes);
    free_piece(head, few);
    return good ? names_fault(g, data, bytes, block) : BAD_HEAP;
}

/* A link's name and object; a soft link has a path among the names in place of an object. */
static const char *link_fault(const struct group *g, struct hdf5_cursor *c)
{
    uint64_t name = hdf5_cursor_number(c, g->file->size_bytes);
    uint64_t object = hdf5_cursor_number(c, g->file->address_bytes);
    uint64_t kind = hdf5_cursor_number(c, 4);
    hdf5_cursor_take(c, 4);
    struct hdf5_cursor scratch = hdf5_cursor_part(c, SCRATCH);
    bool good =
        kind == SOFT_LINK ? hdf5_cursor_number(&scratch, 4) < g->names : object < g->file->bytes;
    return !c->failed && good && name < g->names ? NULL : BAD_LINK;
}

static const char *links_fault(const struct group *g, struct hdf5_cursor c)
{
    if (!is_signed(&c, "SNOD"))
        return BAD_TREE;
    hdf5_cursor_take(&c, 2);
    uint64_t count = hdf5_cursor_number(&c, 2);
    const char *fault = count <= g->file->leaf_entries ? NULL : BAD_TREE;
    for (uint64_t i = 0; i < count && !fault; i++)
        fault = link_fault(g, &c);
    return fault;
}

static const char *leaf_fault(struct group *g, uint64_t address)
{
    uint8_t few[FEW], *leaf = g->nodes > 0 ? read_piece(g, address, g->leaf_bytes, few) : NULL;
    const char *fault =
        leaf ? links_fault(g, (struct hdf5_cursor){leaf, g->leaf_bytes, false}) : BAD_TREE;
    g->nodes -= g->nodes > 0;
    free_piece(leaf, few);
    return fault;
}

static const char *tree_fault(struct group *g, uint64_t address, int level);

/* Before each child stands the name that comes before its own, behind the last one its last. */
static const char *children_fault(struct group *g, struct hdf5_cursor *c, uint64_t count, int level)
{
    const char *fault = NULL;
    for (uint64_t i = 0; i < count && !fault; i++) {
        bool good = hdf5_cursor_number(c, g->file->size_bytes) < g->names;
        uint64_t child = hdf5_cursor_number(c, g->file->address_bytes);
        fault = !good        ? BAD_TREE
                : level == 0 ? leaf_fault(g, child)
                             : tree_fault(g, child, level - 1);
    }
    bool good = count == 0 || hdf5_cursor_number(c, g->file->size_bytes) < g->names;
    return fault || good ? fault : BAD_TREE;
}

/* Level: that of the node; -1: the root's is to be read. */
static const char *node_fault(struct group *g, struct hdf5_cursor c, int level)
{
    bool good = is_signed(&c, "TREE") && hdf5_cursor_number(&c, 1) == 0;
    int read = (int)hdf5_cursor_number(&c, 1);
    uint64_t count = hdf5_cursor_number(&c, 2);
    hdf5_cursor_take(&c, 2 * g->file->address_bytes);
    if (!good || count > g->file->tree_entries || read >= LEVELS_MOST ||
        (level >= 0 && read != level))
        return BAD_TREE;
    return children_fault(g, &c, count, read);
}

static const char *tree_fault(struct group *g, uint64_t address, int level)
{
    uint8_t few[FEW], *node = g->nodes > 0 ? read_piece(g, address, g->tree_bytes, few) : NULL;
    g->nodes -= g->nodes > 0;
    const char *fault =
        node ? node_fault(g, (struct hdf5_cursor){node, g->tree_bytes, false}, level) : BAD_TREE;
    free_piece(node, few);
    return fault;
}

const char *hdf5_group_fault(const struct hdf5_bytes *file, uint64_t tree, uint64_t heap)
{
    const size_t entry = file->size_bytes + file->address_bytes;
    struct group g = {.file = file};
    g.tree_bytes =
        TREE_HEAD + 2 * file->address_bytes + file->tree_entries * entry + file->size_bytes;
    g.leaf_bytes = LEAF_HEAD + file->leaf_entries * (entry + 8 + SCRATCH);
    g.nodes = file->bytes / (g.tree_bytes < g.leaf_bytes ? g.tree_bytes : g.leaf_bytes);
    const char *fault = heap_fault(&g, heap);
    if (!fault)
        fault = tree_fault(&g, tree, -1);
    return g.starved ? NULL : fault; /* without memory it is HDF5 that says so */
}
