/* What is filled goes to PATH.part; after an error it is not closed (hdf5_help.h). */
#include "io/hdf5_output.h"

#include "io/hdf5_help.h"
#include "io/output_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct filling {
    enum status (*fill)(hid_t file, const void *context, struct error *err);
    const void *context;
};

/* HDF5 takes over the empty file. */
static enum status write_file(const struct filling *what, const char *temporary, int descriptor,
                              struct error *err)
{
    hid_t file = H5Fcreate(temporary, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    enum status status = file < 0 ? hdf5_failed(err, "cannot write %s", temporary) : STATUS_OK;
    if (!status)
        status = what->fill(file, what->context, err);
    if (!status && H5Fclose(file) < 0)
        status = hdf5_failed(err, "cannot write %s", temporary);
    if (!status && fsync(descriptor) != 0)
        status =
            error_set(err, STATUS_OUTPUT, "cannot sync %s to disk: %s", temporary, strerror(errno));
    return status;
}

/* Creates the temporary file, holding its folder; after an error it is gone. */
static enum status write_temporary(const struct filling *what, const char *temporary,
                                   struct error *err)
{
    int descriptor, hold = output_path_hold(temporary);
    enum status status = output_path_create(temporary, &descriptor, err);
    if (!status) {
        struct hdf5_quiet quiet = hdf5_quiet_begin();
        status = write_file(what, temporary, descriptor, err);
        hdf5_quiet_end(quiet);
        close(descriptor);
        if (status)
            unlink(temporary);
    }
    output_path_release(hold);
    return status;
}

enum status hdf5_output_write(const char *path, bool force,
                              enum status (*fill)(hid_t file, const void *context,
                                                  struct error *err),
                              const void *context, struct error *err)
{
    enum status status = output_path_check(path, force, err);
    if (status)
        return status;
    char *temporary = output_path_temporary(path);
    status = temporary ? write_temporary(&(struct filling){fill, context}, temporary, err)
                       : error_no_memory(err, "for the name of %s", path);
    if (!status)
        status = output_path_publish(temporary, path, force, err);
    free(temporary);
    return status;
}
