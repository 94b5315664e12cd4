#include "sonata/edge_groups.h"

#include "base/memory.h"
#include "io/hdf5_input.h"
#include "io/hdf5_open.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { PIECE = 65536 };

static const char *const value_name[EDGE_VALUES] = {"syn_weight", "delay", "nsyns"};

/* Is a name a number? */
static bool is_number(const char *name, uint64_t *number)
{
    bool good = *name != '\0';
    *number = 0;
    for (; good && *name; name++) {
        unsigned digit = (unsigned)(*name - '0');
        good = digit <= 9 && !__builtin_mul_overflow(*number, UINT64_C(10), number) &&
               !__builtin_add_overflow(*number, (uint64_t)digit, number);
    }
    return good;
}

/* A value that is there but cannot be read must not pass for one that is missing. */
static enum status open_column(struct edge_column *column, hid_t group, const char *name,
                               uint64_t id, const char *where, struct error *err)
{
    column->file = file_column_open(group, name, COLUMN_NUMBERS);
    if (column->file.dataset >= 0 || H5Lexists(group, name, H5P_DEFAULT) <= 0)
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT,
                     "cannot read %s/%" PRIu64 "/%s: it is no list of numbers in the file itself",
                     where, id, name);
}

static enum status open_group(struct edge_group *group, hid_t population, const char *name,
                              const char *where, struct error *err)
{
    hid_t id =
        hdf5_input_is_own(population, name) ? hdf5_open_group(population, name) : H5I_INVALID_HID;
    if (id < 0)
        return error_set(err, STATUS_OUTPUT, "cannot read %s/%s: it is no group of the file itself",
                         where, name);
    enum status status = STATUS_OK;
    for (int i = 0; i < EDGE_VALUES && !status; i++)
        status = open_column(&group->column[i], id, value_name[i], group->id, where, err);
    H5Gclose(id);
    return status;
}

static enum status add_group(struct edge_groups *groups, hid_t population, const char *name,
                             const char *where, struct error *err)
{
    struct edge_group *group = &groups->group[groups->count];
    if (!is_number(name, &group->id))
        return STATUS_OK;
    for (int i = 0; i < EDGE_VALUES; i++)
        group->column[i] = (struct edge_column){.file.dataset = H5I_INVALID_HID};
    groups->count++;
    return open_group(group, population, name, where, err);
}

enum status edge_groups_open(struct edge_groups *groups, hid_t population, const char *where,
                             struct error *err)
{
    H5G_info_t info;
    *groups = (struct edge_groups){NULL, 0};
    if (H5Gget_info(population, &info) < 0)
        return error_set(err, STATUS_OUTPUT, "cannot read %s: it is damaged", where);
    groups->group = calloc(info.nlinks + 1, sizeof *groups->group);
    enum status status = groups->group ? STATUS_OK : error_no_memory(err, "for groups of edges");
    for (hsize_t i = 0; i < info.nlinks && !status; i++) {
        char *name;
        status = file_column_child(population, i, where, &name, err);
        if (!status)
            status = add_group(groups, population, name, where, err);
        free(name);
    }
    return status;
}

static void drop_piece(struct edge_column *column)
{
    memory_free(column->value, column->room * sizeof *column->value);
    column->value = NULL;
    column->held = column->room = 0;
}

void edge_groups_close(struct edge_groups *groups)
{
    for (size_t g = 0; g < groups->count; g++)
        for (int i = 0; i < EDGE_VALUES; i++) {
            file_column_close(&groups->group[g].column[i].file);
            drop_piece(&groups->group[g].column[i]);
        }
    free(groups->group);
    *groups = (struct edge_groups){NULL, 0};
}

size_t edge_groups_find(const struct edge_groups *groups, uint64_t id)
{
    for (size_t i = 0; i < groups->count; i++)
        if (groups->group[i].id == id)
            return i;
    return SIZE_MAX;
}

static enum status make_room(struct edge_column *column, uint64_t rows, struct error *err)
{
    char limit[40];
    if (rows <= column->room)
        return STATUS_OK;
    uint64_t available = memory_available(limit, sizeof limit);
    if (rows > available / sizeof *column->value)
        return error_set(err, STATUS_MEMORY,
                         "its %" PRIu64 " values, which are in no order, take %.4g MB of memory, "
                         "but %.4g MB are available (%s)",
                         rows, (double)rows * 8e-6, (double)available * 1e-6, limit);
    drop_piece(column);
    column->value = memory_alloc(rows * sizeof *column->value);
    if (!column->value)
        return error_no_memory(err, "for values of edges");
    column->room = rows;
    return STATUS_OK;
}

static enum status load(struct edge_column *column, uint64_t begin, uint64_t rows,
                        struct error *err)
{
    column->held = 0;
    enum status status = make_room(column, rows, err);
    if (!status && file_column_double(&column->file, begin, rows, column->value) < 0)
        return hdf5_input_failed(err, column->file.dataset, "its values cannot be read");
    column->begin = begin;
    column->held = status ? 0 : rows;
    return status;
}

static enum status fetch(struct edge_column *column, uint64_t place, struct error *err)
{
    uint64_t rows = column->file.rows, left = rows - place;
    bool back = column->held > 0 && place > 0 && place < column->begin;
    return back ? load(column, 0, rows, err)
                : load(column, place, left < PIECE ? left : PIECE, err);
}

enum status edge_groups_value(struct edge_groups *groups, size_t group, enum edge_value which,
                              uint64_t place, double *value, struct error *err)
{
    struct edge_column *column = &groups->group[group].column[which];
    enum status status = STATUS_OK;
    *value = NAN;
    if (column->file.dataset < 0)
        return STATUS_OK;
    if (place >= column->file.rows)
        return error_set(err, STATUS_OUTPUT,
                         "edge_group_index is %" PRIu64 ", and %s of group %" PRIu64 " has %" PRIu64
                         " values",
                         place, value_name[which], groups->group[group].id, column->file.rows);
    if (place - column->begin >= column->held)
        status = fetch(column, place, err);
    if (status)
        return status;
    *value = column->value[place - column->begin];
    if (isfinite(*value))
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT, "%s is %g, no finite number", value_name[which], *value);
}
