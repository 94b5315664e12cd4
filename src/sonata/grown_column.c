#include "sonata/grown_column.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static hid_t creation(int width, bool deflate)
{
    const hsize_t chunk[2] = {(hsize_t)(GROWN_CHUNK / width), (hsize_t)width};
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    if (list < 0 || H5Pset_chunk(list, width, chunk) < 0 ||
        H5Pset_fill_time(list, H5D_FILL_TIME_NEVER) < 0 || H5Pset_obj_track_times(list, 0) < 0)
        return H5I_INVALID_HID;
    if (deflate && (H5Pset_shuffle(list) < 0 || H5Pset_deflate(list, 1) < 0))
        return H5I_INVALID_HID;
    return list;
}

static herr_t create(struct grown_column *column, hid_t group, const char *name, hid_t type,
                     bool deflate)
{
    const hsize_t now[2] = {0, (hsize_t)column->width};
    const hsize_t most[2] = {H5S_UNLIMITED, (hsize_t)column->width};
    hid_t space = H5Screate_simple(column->width, now, most);
    hid_t list = creation(column->width, deflate);
    if (space < 0 || list < 0)
        return -1;
    column->dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    return column->dataset < 0 || H5Pclose(list) < 0 || H5Sclose(space) < 0 ? -1 : 0;
}

herr_t grown_column_create(struct grown_column *column, hid_t group, const char *name, hid_t type,
                           int width, bool deflate, bool *memory)
{
    *column = (struct grown_column){.dataset = H5I_INVALID_HID, .width = width};
    column->chunk.whole = memory_alloc(GROWN_CHUNK * sizeof(uint64_t));
    column->codec = deflate ? chunk_codec_create(GROWN_CHUNK) : NULL;
    *memory = column->chunk.whole && (!deflate || column->codec);
    return *memory ? create(column, group, name, type, deflate) : -1;
}

void grown_column_pack(struct grown_column *column)
{
    memset(column->chunk.whole + column->held, 0, (GROWN_CHUNK - column->held) * sizeof(uint64_t));
    column->packed = column->chunk.whole;
    column->packed_bytes = GROWN_CHUNK * sizeof(uint64_t);
    if (column->codec)
        column->packed_bytes =
            chunk_codec_pack_numbers(column->codec, column->chunk.whole, &column->packed);
}

/* The extent grows to the exact row before the chunk goes in, so it never has to shrink. */
herr_t grown_column_write(struct grown_column *column)
{
    const uint64_t width = (uint64_t)column->width;
    const hsize_t extent[2] = {(column->values + column->held) / width, width};
    const hsize_t offset[2] = {column->values / width, 0};
    if (H5Dset_extent(column->dataset, extent) < 0 ||
        H5Dwrite_chunk(column->dataset, H5P_DEFAULT, 0, offset, column->packed_bytes,
                       column->packed) < 0)
        return -1;
    column->values += column->held;
    column->held = 0;
    return 0;
}

herr_t grown_column_add(struct grown_column *column, uint64_t value)
{
    column->chunk.whole[column->held++] = value;
    if (column->held < GROWN_CHUNK)
        return 0;
    grown_column_pack(column);
    return grown_column_write(column);
}

herr_t grown_column_close(struct grown_column *column)
{
    if (column->held > 0) {
        grown_column_pack(column);
        if (grown_column_write(column) < 0)
            return -1;
    }
    return H5Dclose(column->dataset);
}

void grown_column_free(struct grown_column *column)
{
    memory_free(column->chunk.whole, GROWN_CHUNK * sizeof(uint64_t));
    chunk_codec_destroy(column->codec);
    *column = (struct grown_column){.dataset = H5I_INVALID_HID};
}
