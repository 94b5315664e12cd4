#define _GNU_SOURCE /* PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP */
#include "io/hdf5_help.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ATTRIBUTE_MOST = 32768 }; /* bytes; HDF5 itself refuses 64 KiB */

/* Whoever is in HDF5 has it. */
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int held; /* pairs that the lock's thread is in; only the outermost switches */

struct hdf5_quiet hdf5_quiet_begin(void)
{
    struct hdf5_quiet before = {NULL, NULL};
    pthread_mutex_lock(&lock);
    if (held++ == 0) {
        H5dont_atexit(); /* before all others, which would start the library with its clean-up */
        H5Eget_auto2(H5E_DEFAULT, &before.function, &before.data);
        H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    }
    return before;
}

void hdf5_quiet_end(struct hdf5_quiet before)
{
    if (--held == 0) {
        H5Eclear2(H5E_DEFAULT); /* or the errors of a thread that ends would be lost memory */
        H5Eset_auto2(H5E_DEFAULT, before.function, before.data);
    }
    pthread_mutex_unlock(&lock);
}

struct reason {
    char text[256];
    bool from_system;
};

/* HDF5's file driver quotes strerror: "... error message = 'No space left on device', ...". */
static bool system_reason(const char *description, struct reason *reason)
{
    static const char mark[] = "error message = '";
    const char *start = strstr(description, mark);
    if (!start)
        return false;
    start += sizeof mark - 1;
    snprintf(reason->text, sizeof reason->text, "%.*s", (int)strcspn(start, "'"), start);
    return true;
}

/* Called from the most specific error outwards: keeps the first, unless the system spoke. */
static herr_t visit_error(unsigned depth, const H5E_error2_t *error, void *data)
{
    struct reason *reason = data;
    const char *description = error->desc ? error->desc : "";
    if (reason->from_system)
        return 0;
    reason->from_system = system_reason(description, reason);
    if (depth == 0 && !reason->from_system)
        snprintf(reason->text, sizeof reason->text, "%s", description);
    return 0;
}

enum status hdf5_failed(struct error *err, const char *format, ...)
{
    struct reason reason = {"unknown HDF5 error", false};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, visit_error, &reason);
    char what[768];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return error_set(err, STATUS_OUTPUT, "%s: %s", what, reason.text);
}

enum status hdf5_put_failed(hid_t object, const char *name, struct error *err)
{
    struct error reason;
    hdf5_failed(&reason, "%s", name); /* first: H5Fget_name forgets the reason */
    char file[512] = "";
    H5Fget_name(object, file, sizeof file);
    return error_set(err, STATUS_OUTPUT, "cannot write to %s: %s", file, reason.text);
}

static hid_t text_type(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0 || H5Tset_size(type, size) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)
        return H5I_INVALID_HID;
    return type;
}

hid_t hdf5_text_type(size_t bytes)
{
    hid_t type = text_type(bytes > 0 ? bytes : 1);
    return type >= 0 && H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 ? H5I_INVALID_HID : type;
}

herr_t hdf5_put_attribute(hid_t object, const char *name, hid_t type, hid_t space,
                          const void *values)
{
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, values) < 0)
        return -1;
    return H5Aclose(attribute);
}

herr_t hdf5_put_scalar(hid_t object, const char *name, hid_t type, const void *value)
{
    hid_t scalar = H5Screate(H5S_SCALAR);
    if (scalar < 0 || hdf5_put_attribute(object, name, type, scalar, value) < 0)
        return -1;
    return H5Sclose(scalar);
}

herr_t hdf5_put_text(hid_t object, const char *name, const char *text)
{
    size_t length = strlen(text);
    if (length > ATTRIBUTE_MOST)
        return hdf5_put_variable_text(object, name, text);
    hid_t type = hdf5_text_type(length);
    if (type < 0 || hdf5_put_scalar(object, name, type, text) < 0)
        return -1;
    return H5Tclose(type);
}

herr_t hdf5_put_variable_text(hid_t object, const char *name, const char *text)
{
    hid_t type = text_type(H5T_VARIABLE);
    if (type < 0 || hdf5_put_scalar(object, name, type, &text) < 0)
        return -1;
    return H5Tclose(type);
}
