/* file: a current from a file, row k in step k: one for all targets, or one for each target neuron.
 * Somebody else reads the file (drive/input_rows.h). */
#include "drive/drive.h"

#include <string.h>

enum { FILE_NAME, DATASET, COLUMN, KEYS };

static const struct key keys[KEYS] = {
    [FILE_NAME] = {.name = "file",
                   .kind = VALUE_TEXT,
                   .required = true,
                   .help = "an HDF5 or CSV file of currents in pA"},
    [DATASET] = {.name = "dataset",
                 .kind = VALUE_TEXT,
                 .help = "HDF5: the dataset's path, [steps] or [steps x target neurons]"},
    [COLUMN] = {.name = "column",
                .kind = VALUE_TEXT,
                .help = "CSV: the column's name; without it the file has one column for all "
                        "targets, or one for each target neuron"},
};

static void check(const struct input_config *input,
                  void (*report)(void *context, int key, const char *text), void *context)
{
    if (input->value[DATASET].present && input->value[COLUMN].present)
        report(context, COLUMN,
               "dataset and column exclude each other: an HDF5 file has datasets, a CSV file "
               "columns");
}

static enum status open(struct drive *drive, struct error *err)
{
    (void)err;
    drive->has_row = drive->rows->per_neuron;
    drive->has_current = !drive->has_row;
    return STATUS_OK;
}

static double current(const struct drive *drive, uint64_t step, uint64_t *until)
{
    const double *row = drive->rows->data;
    uint64_t k = step - drive->rows->first, next = k + 1;
    uint64_t bits, other;
    memcpy(&bits, &row[k], sizeof bits);
    for (; next < drive->rows->steps; next++) {
        memcpy(&other, &row[next], sizeof other);
        if (other != bits)
            break;
    }
    *until = drive->rows->first + next;
    return row[k];
}

const struct drive_type drive_file = {
    .input = {"file", "a current of each step, from an HDF5 or CSV file", keys, KEYS, check, NULL},
    .row = ROW_CURRENT,
    .fed = true,
    .open = open,
    .current = current,
    .fill = drive_fill_rows,
};
