/* How numbers go into a CSV file: fields, and the file itself. */
#include "plot/plot_csv.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

void plot_csv_text(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

enum status plot_csv_write(const char *path, void (*write)(FILE *out, const void *context),
                           const void *context, struct error *err)
{
    bool printed = strcmp(path, "-") == 0;
    FILE *out = printed ? stdout : fopen(path, "w");
    if (!out)
        return error_set(err, STATUS_OUTPUT, "cannot write %s: %s", path, strerror(errno));
    write(out, context);
    bool failed = fflush(out) != 0 || ferror(out);
    if ((printed ? 0 : fclose(out)) != 0 || failed) {
        error_set(err, STATUS_OUTPUT, "cannot write %s: %s", path, strerror(errno));
        if (!printed)
            unlink(path);
        return STATUS_OUTPUT;
    }
    return STATUS_OK;
}
