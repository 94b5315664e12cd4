/* Opens objects of files that others may have written or damaged. HDF5 1.10 believes what stands in
 * an object's header, in the index of a group's links and in that of a dataset's chunks: a wrong
 * byte there ends the program, or has it read foreign memory. So all are looked at before. In files
 * that are open for writing, whose bytes may not be on disk yet, nothing is looked at. Called
 * between hdf5_quiet_begin and hdf5_quiet_end.
 */
#ifndef MEGALIF_IO_HDF5_OPEN_H
#define MEGALIF_IO_HDF5_OPEN_H

#include <hdf5.h>
#include <stdbool.h>

/* As H5Fopen, for reading: negative also where the root group is damaged. */
hid_t hdf5_open_file(const char *path);

/* As H5Dopen2, H5Gopen2 and H5Aopen_by_name, of the object at `path` as seen from `place`: negative
 * also where a header on the way is damaged, with the reason among HDF5's errors. Links out of the
 * file are not followed. The caller closes what was opened. */
hid_t hdf5_open_dataset(hid_t place, const char *path, hid_t access);
hid_t hdf5_open_group(hid_t place, const char *path);
hid_t hdf5_open_attribute(hid_t place, const char *path, const char *name);

/* As H5Dread, of the box of so many values behind `start`; NULL, NULL: the whole dataset. `memory`
 * is H5S_ALL, or what H5Dread takes. Negative also where a chunk has not the size that it must
 * have. */
herr_t hdf5_read_box(hid_t dataset, hid_t type, hid_t memory, const hsize_t *start,
                     const hsize_t *count, void *values);

#endif
