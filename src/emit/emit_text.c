/* Lines of Python with the values of a model, which are kept for the script. */
#include "emit/emit_text.h"

#include "base/decimal.h"

#include <stdlib.h>
#include <string.h>

static bool all_equal(const double *values, uint64_t count)
{
    for (uint64_t i = 1; i < count; i++)
        if (memcmp(&values[i], &values[0], sizeof values[0]) != 0)
            return false;
    return true;
}

enum status emit_text_array(struct emit_model *model, const char *name, const char *key,
                            double *values, uint64_t rows, uint64_t columns, struct error *err)
{
    size_t size = strlen(name) + strlen(key) + 2;
    char *full = malloc(size);
    struct array *grown = realloc(model->array, (model->array_count + 1) * sizeof *model->array);
    model->array = grown ? grown : model->array;
    if (!full || !grown) {
        free(full);
        free(values);
        return error_no_memory(err, "to write the model out");
    }
    snprintf(full, size, "%s/%s", name, key);
    grown[model->array_count++] = (struct array){full, rows, columns, values};
    model->numbers += rows * (columns > 0 ? columns : 1);
    fprintf(model->out, "        \"%s\": DATA[\"%s\"],\n", key, full);
    return STATUS_OK;
}

enum status emit_text_values(struct emit_model *model, const char *name, const char *key,
                             double *values, uint64_t count, struct error *err)
{
    char number[32];
    if (!all_equal(values, count))
        return emit_text_array(model, name, key, values, count, 0, err);
    fprintf(model->out, "        \"%s\": %s,\n", key, double_format(values[0], number));
    free(values);
    return STATUS_OK;
}
