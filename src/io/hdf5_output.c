/* What is filled goes to PATH.part; after an error it is not closed (hdf5_help.h). */
#include "io/hdf5_output.h"

#include "io/hdf5_help.h"
#include "io/output_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_MOST = 4200 };

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

enum status hdf5_output_write(const char *path, bool force,
                              enum status (*fill)(hid_t file, const void *context,
                                                  struct error *err),
                              const void *context, struct error *err)
{
    char temporary[PATH_MOST];
    int descriptor;
    snprintf(temporary, sizeof temporary, "%s.part", path);
    enum status status = output_path_check(path, force, err);
    if (status)
        return status;
    int hold = output_path_hold(temporary);
    status = output_path_create(temporary, &descriptor, err);
    if (status) {
        output_path_release(hold);
        return status;
    }
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    status = write_file(&(struct filling){fill, context}, temporary, descriptor, err);
    hdf5_quiet_end(quiet);
    close(descriptor);
    output_path_release(hold);
    if (!status)
        return output_path_publish(temporary, path, force, err);
    unlink(temporary);
    return status;
}
