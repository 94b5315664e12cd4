/* libFuzzer target: the CSV reader on any bytes. `make fuzz` runs it. */
#include "io/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "fuzz_csv: %s\n", what);
        abort();
    }
}

/* An error is one line that names its place. */
static void check_error(enum status status, const struct error *err)
{
    require(status == STATUS_OUTPUT && err->status == status, "an error of another kind");
    require(strncmp(err->text, "f.csv:", 6) == 0, "a message without place");
    require(!strchr(err->text, '\n'), "a message of several lines");
}

/* FNV-1a of the fields of the present line, and of what they are as numbers. */
static uint64_t look_at_line(const struct csv *csv, uint64_t sum)
{
    for (size_t i = 0; i < csv_columns(csv); i++) {
        struct error err = {0};
        size_t length;
        double number = 0.0;
        uint64_t whole = 0;
        const char *text = csv_text(csv, i, &length);
        for (size_t k = 0; k < length; k++)
            sum = (sum ^ (unsigned char)text[k]) * UINT64_C(0x100000001b3);
        enum status status = csv_number(csv, i, &number, &err);
        if (status)
            check_error(status, &err);
        else
            require(isfinite(number), "a number that is not finite");
        bool is_number = !status;
        status = csv_whole(csv, i, &whole, &err);
        if (status)
            check_error(status, &err);
        else
            require(is_number && (double)whole == number, "a whole number that is no number");
    }
    return sum;
}

/* Reads all lines; the sum tells whether they are the same again. */
static uint64_t read_lines(struct csv *csv)
{
    struct error err = {0};
    bool more = true;
    uint64_t sum = 0;
    enum status status;
    while (!(status = csv_next(csv, &more, &err)) && more)
        sum = look_at_line(csv, sum + 1);
    if (status)
        check_error(status, &err);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv *csv;
    struct error err = {0};
    FILE *stream = size > 0 ? fmemopen((void *)data, size, "rb") : fopen("/dev/null", "rb");
    require(stream != NULL, "no stream");
    enum status status = csv_open_stream(&csv, stream, "f.csv", &err);
    if (status) {
        check_error(status, &err);
        return 0;
    }
    uint64_t sum = read_lines(csv);
    require(csv_rewind(csv, &err) == STATUS_OK, "there is no way back");
    require(read_lines(csv) == sum, "other lines when they are read again");
    csv_close(csv);
    return 0;
}
