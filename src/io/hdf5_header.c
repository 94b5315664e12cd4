/* Walks over object headers of the first version (HDF5's file format, IV.A.1.a) and those of their
 * messages whose sizes HDF5 1.10 believes: it divides by a chunk size of 0, and reads past the end
 * of an attribute, a filter or a fill value that is said to be longer than it is. */
#include "io/hdf5_header.h"

#include "io/hdf5_group.h"
#include "io/hdf5_type.h"

#include <stdlib.h>
#include <string.h>

enum { PREFIX = 16, PIECES_MOST = 1024, PIECE_MOST = 1 << 28, RANK_MOST = 32, FILTERS_MOST = 32 };
enum { SHARED = 2 };
enum message {
    SPACE = 1,
    TYPE = 3,
    OLD_FILL = 4,
    FILL = 5,
    LAYOUT = 8,
    FILTERS = 11,
    ATTRIBUTE = 12,
    CONTINUATION = 16,
    GROUP = 17
};
enum storage { COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL };

static const uint64_t UNDEFINED = UINT64_MAX;

/* A piece of the header, by address. */
struct piece {
    uint64_t address, size;
};

/* What the messages say; UNDEFINED: nothing yet. */
struct header {
    const struct hdf5_bytes *file;
    struct piece piece[PIECES_MOST];
    int pieces;
    uint64_t rank, elements; /* of the dataset */
    uint64_t element;        /* bytes of one */
    uint64_t stored;         /* bytes where they lie in one piece */
    uint64_t chunk_rank;     /* of its chunks, the element's size included */
    uint64_t chunk_element;  /* bytes of one, as the chunks have it */
    uint64_t fill;           /* bytes of the fill value */
    uint64_t tree, heap;     /* of a group: where its links and their names lie */
    bool group;              /* it is one of the first version */
    bool variable;           /* its elements are lists, or texts of any length */
};

static void require(struct hdf5_cursor *c, bool good)
{
    c->failed = c->failed || !good;
}

static void add_piece(struct header *h, struct hdf5_cursor *c, uint64_t address, uint64_t size)
{
    require(c, h->pieces < PIECES_MOST && size <= PIECE_MOST);
    if (!c->failed)
        h->piece[h->pieces++] = (struct piece){address, size};
}

/* Returns the count of elements. */
static uint64_t walk_space(const struct header *h, struct hdf5_cursor *c, uint64_t *rank)
{
    const size_t bytes = h->file->size_bytes;
    uint64_t version = hdf5_cursor_number(c, 1), elements = 1;
    *rank = hdf5_cursor_number(c, 1);
    uint64_t flags = hdf5_cursor_number(c, 1), kind = hdf5_cursor_number(c, 1);
    hdf5_cursor_take(c, version == 1 ? 4 : 0);
    require(c, (version == 1 || version == 2) && *rank <= RANK_MOST);
    for (uint64_t i = 0; i < *rank && !c->failed; i++) {
        uint64_t size = hdf5_cursor_number(c, bytes);
        require(c, !__builtin_mul_overflow(elements, size, &elements));
    }
    hdf5_cursor_take(c, flags & 1 ? *rank * bytes : 0);
    return version == 2 && kind == 2 ? 0 : elements;
}

static void walk_dataset_space(struct header *h, struct hdf5_cursor *c)
{
    h->elements = walk_space(h, c, &h->rank);
}

static void walk_dataset_type(struct header *h, struct hdf5_cursor *c)
{
    h->variable = c->left > 0 && (*c->at & 15) == 9;
    h->element = hdf5_type_walk(c, h->file->address_bytes);
}

static void walk_fill_value(struct header *h, struct hdf5_cursor *c)
{
    uint64_t size = hdf5_cursor_number(c, 4);
    if (size == 0 || size > INT32_MAX) /* undefined is -1 */
        return;
    hdf5_cursor_take(c, size);
    h->fill = size;
}

static void walk_fill(struct header *h, struct hdf5_cursor *c)
{
    uint64_t version = hdf5_cursor_number(c, 1);
    bool there = true;
    if (version >= 3)
        there = hdf5_cursor_number(c, 1) & 0x20;
    else if (hdf5_cursor_take(c, 2))
        there = hdf5_cursor_number(c, 1) != 0 || version == 1;
    if (there)
        walk_fill_value(h, c);
}

static void walk_filter(struct hdf5_cursor *c, uint64_t version)
{
    uint64_t id = hdf5_cursor_number(c, 2);
    uint64_t name_bytes = version == 1 || id >= 256 ? hdf5_cursor_number(c, 2) : 0;
    hdf5_cursor_take(c, 2);
    uint64_t values = hdf5_cursor_number(c, 2);
    const uint8_t *name = hdf5_cursor_take(c, name_bytes);
    require(c, name_bytes == 0 || (name && memchr(name, 0, name_bytes)));
    hdf5_cursor_take(c, 4 * (version == 1 ? values + values % 2 : values));
}

static void walk_filters(struct header *h, struct hdf5_cursor *c)
{
    (void)h;
    uint64_t version = hdf5_cursor_number(c, 1), count = hdf5_cursor_number(c, 1);
    hdf5_cursor_take(c, version == 1 ? 6 : 0);
    require(c, (version == 1 || version == 2) && count <= FILTERS_MOST);
    for (uint64_t i = 0; i < count && !c->failed; i++)
        walk_filter(c, version);
}

/* Sides of chunks: none may be 0, nor all together 4 GiB. */
static void walk_chunks(struct header *h, struct hdf5_cursor *c, uint64_t rank)
{
    uint64_t bytes = 1;
    require(c, rank > 1 && rank <= RANK_MOST + 1);
    for (uint64_t i = 0; i < rank && !c->failed; i++) {
        h->chunk_element = hdf5_cursor_number(c, 4);
        bytes *= h->chunk_element;
        require(c, bytes > 0 && bytes <= UINT32_MAX);
    }
    h->chunk_rank = rank;
}

static void walk_old_layout(struct header *h, struct hdf5_cursor *c)
{
    uint64_t rank = hdf5_cursor_number(c, 1), storage = hdf5_cursor_number(c, 1);
    hdf5_cursor_take(c, 5 + (storage == COMPACT ? 0 : h->file->address_bytes));
    require(c, storage <= CHUNKED && rank <= RANK_MOST + 1);
    if (storage == CHUNKED)
        walk_chunks(h, c, rank);
    else
        hdf5_cursor_take(c, 4 * rank);
    if (storage == COMPACT)
        hdf5_cursor_take(c, h->stored = hdf5_cursor_number(c, 4));
}

static bool is_address(const struct hdf5_bytes *file, uint64_t address)
{
    return address != UNDEFINED >> (64 - 8 * file->address_bytes);
}

static void walk_layout(struct header *h, struct hdf5_cursor *c)
{
    uint64_t version = hdf5_cursor_number(c, 1);
    if (version < 3) {
        walk_old_layout(h, c);
        return;
    }
    uint64_t storage = hdf5_cursor_number(c, 1);
    require(c, version == 3 || (version == 4 && storage == VIRTUAL));
    if (storage == COMPACT) {
        hdf5_cursor_take(c, h->stored = hdf5_cursor_number(c, 2));
    } else if (storage == CONTIGUOUS) {
        bool there = is_address(h->file, hdf5_cursor_number(c, h->file->address_bytes));
        uint64_t size = hdf5_cursor_number(c, h->file->size_bytes);
        h->stored = there ? size : UNDEFINED;
    } else if (storage == CHUNKED) {
        uint64_t rank = hdf5_cursor_number(c, 1);
        hdf5_cursor_take(c, h->file->address_bytes);
        walk_chunks(h, c, rank);
    }
}

static uint64_t filled_up(uint64_t version, uint64_t size)
{
    return version == 1 ? (size + 7) / 8 * 8 : size;
}

static void walk_attribute(struct header *h, struct hdf5_cursor *c)
{
    uint64_t version = hdf5_cursor_number(c, 1), flags = hdf5_cursor_number(c, 1), rank;
    uint64_t name_bytes = hdf5_cursor_number(c, 2);
    uint64_t type_bytes = hdf5_cursor_number(c, 2), space_bytes = hdf5_cursor_number(c, 2);
    hdf5_cursor_take(c, version == 3 ? 1 : 0);
    const uint8_t *name = hdf5_cursor_take(c, filled_up(version, name_bytes));
    struct hdf5_cursor type = hdf5_cursor_part(c, filled_up(version, type_bytes));
    struct hdf5_cursor space = hdf5_cursor_part(c, filled_up(version, space_bytes));
    bool shared = version > 1 && flags & 1;
    uint64_t element = shared ? 0 : hdf5_type_walk(&type, h->file->address_bytes), bytes = 0;
    uint64_t elements = walk_space(h, &space, &rank);
    require(c, version >= 1 && version <= 3 && name && memchr(name, 0, name_bytes) &&
                   !type.failed && !space.failed && !(version > 1 && flags & 2) &&
                   !__builtin_mul_overflow(element, elements, &bytes));
    hdf5_cursor_take(c, bytes);
}

static void walk_continuation(struct header *h, struct hdf5_cursor *c)
{
    uint64_t address = hdf5_cursor_number(c, h->file->address_bytes);
    add_piece(h, c, address, hdf5_cursor_number(c, h->file->size_bytes));
}

static void walk_group(struct header *h, struct hdf5_cursor *c)
{
    h->group = true;
    h->tree = hdf5_cursor_number(c, h->file->address_bytes);
    h->heap = hdf5_cursor_number(c, h->file->address_bytes);
}

static const struct {
    enum message message;
    void (*walk)(struct header *h, struct hdf5_cursor *c);
    const char *fault;
} messages[] = {
    {SPACE, walk_dataset_space, "its extent makes no sense"},
    {TYPE, walk_dataset_type, "its datatype makes no sense"},
    {OLD_FILL, walk_fill_value, "its fill value makes no sense"},
    {FILL, walk_fill, "its fill value makes no sense"},
    {LAYOUT, walk_layout, "its layout makes no sense"},
    {FILTERS, walk_filters, "its filters make no sense"},
    {ATTRIBUTE, walk_attribute, "an attribute makes no sense"},
    {CONTINUATION, walk_continuation, "its header is in too many pieces"},
    {GROUP, walk_group, "the index of its links makes no sense"},
};

/* A message that is shared lies elsewhere; only datatypes do so in files of this version. */
static const char *message_fault(struct header *h, uint64_t message, bool shared,
                                 struct hdf5_cursor c)
{
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (messages[i].message != message || (shared && message == TYPE))
            continue;
        messages[i].walk(h, &c);
        if (c.failed || shared)
            return messages[i].fault;
    }
    return NULL;
}

static const char *messages_fault(struct header *h, struct hdf5_cursor c)
{
    const char *fault = NULL;
    while (!fault && c.left >= 8) {
        uint64_t message = hdf5_cursor_number(&c, 2), size = hdf5_cursor_number(&c, 2);
        bool shared = hdf5_cursor_number(&c, 4) & SHARED;
        struct hdf5_cursor body = hdf5_cursor_part(&c, size);
        fault = body.failed ? "a part of its header is longer than the header"
                            : message_fault(h, message, shared, body);
    }
    return fault;
}

static const char *piece_fault(struct header *h, struct piece piece)
{
    uint8_t few[4096], *bytes = piece.size <= sizeof few ? few : malloc(piece.size);
    const char *fault = NULL; /* without memory it is HDF5 that says so */
    if (bytes && !hdf5_bytes_read(h->file, piece.address, bytes, piece.size))
        fault = "its header is cut off";
    else if (bytes)
        fault = messages_fault(h, (struct hdf5_cursor){bytes, piece.size, false});
    if (bytes != few)
        free(bytes);
    return fault;
}

/* Whether extent, datatype and layout agree. */
static const char *dataset_fault(const struct header *h)
{
    uint64_t bytes;
    if (h->element == UNDEFINED || h->elements == UNDEFINED)
        return NULL;
    if (h->chunk_rank != UNDEFINED &&
        (h->chunk_rank != h->rank + 1 || h->chunk_element != h->element))
        return "its chunks do not fit its extent and datatype";
    if (__builtin_mul_overflow(h->elements, h->element, &bytes))
        return "its extent makes no sense";
    if (h->stored < bytes)
        return "it has fewer values than it says";
    return h->fill < h->element && !h->variable ? "its fill value makes no sense" : NULL;
}

const char *hdf5_header_fault(const struct hdf5_bytes *file, uint64_t address)
{
    uint8_t prefix[PREFIX];
    struct header h;
    struct hdf5_cursor c = {prefix, 0, false};
    if (!hdf5_bytes_read(file, address, prefix, PREFIX))
        return "its header is cut off";
    if (prefix[0] != 1)
        return NULL;
    h.file = file;
    h.pieces = 0;
    h.rank = h.elements = h.element = h.stored = h.chunk_rank = h.chunk_element = h.fill =
        UNDEFINED;
    h.variable = h.group = false;
    add_piece(&h, &c, address + PREFIX, hdf5_bytes_number(prefix + 8, 4));
    const char *fault = c.failed ? "its header is too long" : NULL;
    for (int i = 0; i < h.pieces && !fault; i++)
        fault = piece_fault(&h, h.piece[i]);
    if (!fault && h.group)
        fault = hdf5_group_fault(file, h.tree, h.heap);
    return fault ? fault : dataset_fault(&h);
}
