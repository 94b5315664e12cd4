#include "io/hdf5_place.h"

#include <stdbool.h>
#include <string.h>

void hdf5_place_begin(struct hdf5_place *place, hid_t file)
{
    place->file = file;
    place->path[0] = '\0';
    place->depth = 0;
}

/* Closes what is open below the first `depth` objects. */
static herr_t rise(struct hdf5_place *place, size_t depth)
{
    herr_t failed = 0;
    while (place->depth > depth && failed >= 0)
        failed = H5Oclose(place->object[--place->depth]);
    place->path[place->depth > 0 ? place->end[place->depth - 1] : 0] = '\0';
    return failed;
}

/* How many of the open objects lie on the way to the first `length` bytes of a path. */
static size_t shared_depth(const struct hdf5_place *place, const char *path, size_t length)
{
    size_t same = 0, depth = 0;
    while (same < length && place->path[same] == path[same])
        same++;
    while (depth < place->depth && place->end[depth] <= same &&
           (place->end[depth] == length || path[place->end[depth]] == '/'))
        depth++;
    return depth;
}

static hid_t current(const struct hdf5_place *place)
{
    return place->depth > 0 ? place->object[place->depth - 1] : place->file;
}

static hid_t open_or_create(hid_t group, const char *name)
{
    htri_t exists = H5Lexists(group, name, H5P_DEFAULT);
    if (exists < 0)
        return H5I_INVALID_HID;
    if (exists)
        return H5Oopen(group, name, H5P_DEFAULT);
    return H5Gcreate2(group, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

herr_t hdf5_place_enter(struct hdf5_place *place, const char *name, hid_t object)
{
    size_t start = strlen(place->path), length = strlen(name);
    if (object < 0 || place->depth == HDF5_PLACE_DEPTH || start + length + 2 > HDF5_PLACE_PATH)
        return -1;
    place->path[start] = '/';
    memcpy(place->path + start + 1, name, length + 1);
    place->end[place->depth] = start + 1 + length;
    place->object[place->depth++] = object;
    return 0;
}

/* One name further down: the first `length` bytes. */
static herr_t descend(struct hdf5_place *place, const char *text, size_t length)
{
    char name[HDF5_PLACE_PATH];
    if (length >= sizeof name)
        return -1;
    memcpy(name, text, length);
    name[length] = '\0';
    return hdf5_place_enter(place, name, open_or_create(current(place), name));
}

static hid_t go(struct hdf5_place *place, const char *path, size_t length)
{
    if (rise(place, shared_depth(place, path, length)) < 0)
        return H5I_INVALID_HID;
    for (size_t at = strlen(place->path); at < length;) {
        size_t name = strcspn(path + at + 1, "/");
        if (descend(place, path + at + 1, name) < 0)
            return H5I_INVALID_HID;
        at += 1 + name;
    }
    return current(place);
}

hid_t hdf5_place_go(struct hdf5_place *place, const char *path)
{
    return go(place, path, strlen(path));
}

hid_t hdf5_place_go_above(struct hdf5_place *place, const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    *name = slash + 1;
    return go(place, path, (size_t)(slash - path));
}

herr_t hdf5_place_end(struct hdf5_place *place)
{
    return rise(place, 0);
}
