#include "io/hdf5_input.h"

#include "base/file_kind.h"
#include "io/hdf5_help.h"
#include "io/hdf5_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool hdf5_input_is_hdf5(const char *path)
{
    struct hdf5_quiet quiet = hdf5_quiet_begin();
    bool is = H5Fis_hdf5(path) > 0;
    hdf5_quiet_end(quiet);
    return is;
}

enum status hdf5_input_readable(const char *path, struct error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return error_set(err, STATUS_OUTPUT, "cannot read %s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return error_set(err, STATUS_OUTPUT, "cannot read %s: it is %s", path,
                         S_ISDIR(info.st_mode) ? "a directory" : "no regular file");
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return error_set(err, STATUS_OUTPUT, "cannot read %s: %s", path, strerror(errno));
    close(descriptor);
    return STATUS_OK;
}

/* What the file is in place of HDF5. */
static enum status refuse_kind(const char *path, const char *wanted, struct error *err)
{
    char bytes[FILE_KIND_BYTES];
    FILE *file = fopen(path, "rb");
    const char *kind = file ? file_kind(bytes, fread(bytes, 1, sizeof bytes, file)) : NULL;
    if (file)
        fclose(file);
    return error_set(err, STATUS_OUTPUT, "cannot read %s: it is %s; %s is needed", path,
                     kind ? kind : "no HDF5 file", wanted);
}

/* Missing files and other formats get plain words; the rest is HDF5's to explain. */
enum status hdf5_input_file(const char *path, const char *wanted, hid_t *file, struct error *err)
{
    *file = H5I_INVALID_HID;
    enum status status = hdf5_input_readable(path, err);
    if (status)
        return status;
    if (H5Fis_hdf5(path) <= 0)
        return refuse_kind(path, wanted, err);
    *file = hdf5_open_file(path);
    if (*file >= 0)
        return STATUS_OK;
    struct error why;
    hdf5_failed(&why, "cannot read %s", path);
    if (strstr(why.text, strerror(EAGAIN))) /* the lock that HDF5 takes on it */
        return error_set(err, STATUS_OUTPUT,
                         "cannot read %s: another program has it open for writing", path);
    return error_set(err, STATUS_OUTPUT, "%s", why.text);
}

bool hdf5_input_is_own(hid_t parent, const char *name)
{
    H5L_info_t info;
    return H5Lget_info(parent, name, &info, H5P_DEFAULT) >= 0 && info.type == H5L_TYPE_HARD;
}

bool hdf5_input_is_own_path(hid_t file, const char *path)
{
    char *part = strdup(path);
    bool own = part != NULL && *part != '\0';
    for (char *end = part; own && *end;) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        char kept = *end;
        *end = '\0';
        own = hdf5_input_is_own(file, part);
        *end = kept;
    }
    free(part);
    return own;
}

bool hdf5_input_has_data(hid_t dataset)
{
    hid_t layout = H5Dget_create_plist(dataset);
    bool own =
        layout >= 0 && H5Pget_layout(layout) != H5D_VIRTUAL && H5Pget_external_count(layout) == 0;
    H5Pclose(layout);
    return own;
}

/* Name of the first filter that this HDF5 lacks; false when it has them all. */
static bool missing_filter(hid_t dataset, char *name, size_t room)
{
    hid_t layout = H5Dget_create_plist(dataset);
    int count = H5Pget_nfilters(layout);
    bool missing = false;
    for (int i = 0; i < count && !missing; i++) {
        unsigned flags, config;
        size_t values = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(layout, (unsigned)i, &flags, &values, NULL, room, name, &config);
        missing = filter >= 0 && H5Zfilter_avail(filter) <= 0;
        if (missing && !*name)
            snprintf(name, room, "%d", (int)filter);
    }
    H5Pclose(layout);
    return missing;
}

enum status hdf5_input_failed(struct error *err, hid_t dataset, const char *format, ...)
{
    char what[768], filter[64] = "";
    struct error why;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    hdf5_failed(&why, "%s", what);
    if (!missing_filter(dataset, filter, sizeof filter))
        return error_set(err, STATUS_OUTPUT, "%s", why.text);
    return error_set(err, STATUS_OUTPUT,
                     "%s: it is compressed with a filter that HDF5 does not have here (%s); write "
                     "it with gzip, or none",
                     what, filter);
}
