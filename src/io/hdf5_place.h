/* A place in an HDF5 file that is being written: the object at a path, kept open with the groups
 * above it, so that what goes to the same object, or beside it, walks no path again. Private to io.
 *
 * Calls are bracketed by hdf5_quiet; a place is used by one thread at a time. After an error the
 * file is abandoned, and the place with it (hdf5_help.h). */
#ifndef MEGALIF_HDF5_PLACE_H
#define MEGALIF_HDF5_PLACE_H

#include <hdf5.h>
#include <stddef.h>

enum { HDF5_PLACE_DEPTH = 8, HDF5_PLACE_PATH = 4352 };

struct hdf5_place {
    hid_t file;
    char path[HDF5_PLACE_PATH];     /* absolute; empty: the root */
    size_t depth;                   /* objects that are open */
    size_t end[HDF5_PLACE_DEPTH];   /* of each, where its path ends in `path` */
    hid_t object[HDF5_PLACE_DEPTH]; /* from below the root downwards */
};

/* The root of a file, which stays the caller's. */
void hdf5_place_begin(struct hdf5_place *place, hid_t file);

/* Goes to an absolute path and returns the object there, or a new group; missing groups above it
 * are made. The object belongs to the place and stays open until the place is elsewhere. Negative:
 * failed, or the path is longer or deeper than we have any. */
hid_t hdf5_place_go(struct hdf5_place *place, const char *path);

/* The same for the group above the last name of a path; *name points to that name. */
hid_t hdf5_place_go_above(struct hdf5_place *place, const char *path, const char **name);

/* Takes over an object that was made in the group of hdf5_place_go_above: the place goes to it. */
herr_t hdf5_place_enter(struct hdf5_place *place, const char *name, hid_t object);

/* Closes what is open. */
herr_t hdf5_place_end(struct hdf5_place *place);

#endif
