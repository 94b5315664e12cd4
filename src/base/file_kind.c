#define _GNU_SOURCE /* memmem */
/* Recognises files by their first bytes, for messages: somebody whose CSV file is compressed, or is
 * a spreadsheet, shall read that and not of a NUL in line 1. */
#include "base/file_kind.h"

#include <stdbool.h>
#include <string.h>

#define KIND(bytes, text)                                                                          \
    {                                                                                              \
        bytes, sizeof bytes - 1, text                                                              \
    }

static const struct {
    const char *bytes;
    size_t count;
    const char *text;
} kinds[] = {
    KIND("\x1f\x8b", "a gzip file; unpack it first (gunzip)"),
    KIND("\xfd\x37zXZ", "an xz file; unpack it first (unxz)"),
    KIND("\x28\xb5\x2f\xfd", "a zstd file; unpack it first (unzstd)"),
    KIND("BZh", "a bzip2 file; unpack it first (bunzip2)"),
    KIND("\x04\x22\x4d\x18", "an lz4 file; unpack it first (unlz4)"),
    KIND("7z\xbc\xaf", "a 7z file; unpack it first"),
    KIND("\x93NUMPY",
         "a NumPy array (.npy); write an HDF5 file (h5py), or CSV with the names of its columns: "
         "np.savetxt(FILE, ARRAY, delimiter=',', header='a,b', comments='')"),
    KIND("MATLAB 5.0",
         "a MATLAB file of version 5 to 7; save it with -v7.3, which is HDF5, or as CSV"),
    KIND("PAR1", "a Parquet file; write CSV (pandas: to_csv) or HDF5"),
    KIND("ARROW1", "an Arrow (Feather) file; write CSV (pandas: to_csv) or HDF5"),
    KIND("SQLite format 3", "an SQLite database; write CSV or HDF5"),
    KIND("CDF\x01", "a NetCDF file of version 3; write NetCDF 4, which is HDF5, or CSV"),
    KIND("CDF\x02", "a NetCDF file of version 3; write NetCDF 4, which is HDF5, or CSV"),
    KIND("\xd0\xcf\x11\xe0", "an Excel or other Office file; save it as CSV"),
    KIND("%PDF", "a PDF document"),
    KIND("\x89PNG", "a PNG picture"),
    KIND("\xff\xd8\xff", "a JPEG picture"),
    KIND("\xff\xfe", "text in UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    KIND("\xfe\xff", "text in UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    KIND("<!DOCTYPE", "a web page"),
    KIND("<html", "a web page"),
};

static bool contains(const char *bytes, size_t count, const char *text)
{
    return memmem(bytes, count, text, strlen(text)) != NULL;
}

/* A zip file says by the names of its members what it is. */
static const char *kind_of_zip(const char *bytes, size_t count)
{
    if (contains(bytes, count, ".npy"))
        return "a NumPy archive (.npz); write an HDF5 file (h5py), or CSV with the names of its "
               "columns: np.savetxt(FILE, ARRAY, delimiter=',', header='a,b', comments='')";
    if (contains(bytes, count, "[Content_Types].xml") || contains(bytes, count, "xl/"))
        return "an Excel or other Office file; save it as CSV";
    return "a zip file; unpack it first (unzip)";
}

/* Plain letters with a NUL after or before each: UTF-16 without the mark at its beginning. */
static bool is_wide_text(const char *bytes, size_t count)
{
    bool little = count >= 8, big = count >= 8;
    for (size_t i = 0; i < 8 && i < count; i++) {
        little &= (i % 2 == 1) == (bytes[i] == '\0');
        big &= (i % 2 == 0) == (bytes[i] == '\0');
    }
    return little || big;
}

/* A column may be called PAR1: a letter that begins text is no sign of anything. */
static bool is_text(const char *bytes, size_t count)
{
    bool letter = bytes[0] >= 'A' && bytes[0] <= 'Z';
    for (size_t i = 0; letter && i < count; i++)
        letter = (unsigned char)bytes[i] >= '\t';
    return letter;
}

const char *file_kind(const void *bytes, size_t count)
{
    bool text = count == 0 || is_text(bytes, count);
    for (size_t i = 0; !text && i < sizeof kinds / sizeof *kinds; i++)
        if (count >= kinds[i].count && memcmp(bytes, kinds[i].bytes, kinds[i].count) == 0)
            return kinds[i].text;
    if (count >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0)
        return kind_of_zip(bytes, count);
    return is_wide_text(bytes, count) ? "text in UTF-16; save it as UTF-8 (iconv -t UTF-8)" : NULL;
}
