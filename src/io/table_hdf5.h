/* A table (table.h) as HDF5: a group /table with a dataset for each column, its unit as attribute
 * `units`, and the order of the columns as attribute `columns` of the group, one name a line. A
 * number that is not there is NaN. */
#ifndef MEGALIF_IO_TABLE_HDF5_H
#define MEGALIF_IO_TABLE_HDF5_H

#include "base/error.h"
#include "io/table.h"

#include <stdbool.h>

/* As table_write_csv. */
enum status table_write_hdf5(const struct table *table, const bool *keep, const char *path,
                             struct error *err);

#endif
