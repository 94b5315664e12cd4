/* How numbers go into a CSV file: fields, and the file itself. */
#include "plot/plot_csv.h"

#include "io/output_stream.h"

#include <string.h>

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

enum status plot_csv_write(const struct plot_options *options,
                           void (*write)(FILE *out, const void *context), const void *context,
                           struct error *err)
{
    struct output_stream out;
    enum status status = output_stream_open(&out, options->csv, options->force, stdout, err);
    if (status)
        return status;
    write(out.file, context);
    return output_stream_close(&out, STATUS_OK, err);
}
