/* The script: what it is, the model's numbers, and the Python that runs it (src/emit/). */
#include "emit/emit_script.h"

#include "base/decimal.h"
#include "base/version.h"
#include "config/write.h"
#include "io/array_file.h"
#include "io/output_stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The text of a file as a C string; the path is the compiler's, which runs at the top folder. */
#define EMBED(name, path)                                                                          \
    __asm__(".section .rodata\n" #name ":\n.incbin \"" path "\"\n.byte 0\n.previous\n");           \
    extern const char name[]

/* What takes the place of .py in the names of the files beside the script. */
#define NUMBERS ".numbers.h5"
#define SYNAPSES ".edges.h5"

EMBED(emit_nest_py, "src/emit/nest.py");
EMBED(emit_brian2_py, "src/emit/brian2.py");
EMBED(emit_edges_py, "src/emit/edges.py");
EMBED(emit_spikes_py, "src/emit/spikes.py");

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Inside Python's triple quotes. */
static void write_quoted(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc(*text == '"' || *text == '\\' || (unsigned char)*text < 0x20 ? '_' : *text, out);
}

static void write_about(FILE *out, const struct emit_model *model, bool data)
{
    const struct config *config = model->config;
    fputs("#!/usr/bin/env python3\n\"\"\"The model of ", out);
    write_quoted(out, base_name(config->file));
    const bool nest = strcmp(model->simulator, "nest") == 0;
    fprintf(out, " for %s, written by megalif %s.\n\n", nest ? "NEST (3.6 or newer)" : "Brian2",
            version_number());
    if (!nest)
        fputs("pip install brian2 'numpy<2.3': Brian2 2.9 does not load with a newer NumPy.\n",
              out);
    fputs("Parameters are as megalif has drawn them. ", out);
    fputs(
        model->random
            ? "Noise and Poisson events come from this\nsimulator's own generators: rates and CVs "
              "agree within their errors, not spike by spike.\n"
            : "Whatever acts on a neuron in a step is what\nacts on it in megalif, so that the "
              "spikes are the same, step by step.\n",
        out);
    if (!model->random && config->precision == PRECISION_SINGLE)
        fputs("This holds for precision = double; in single precision, as in this config, a few "
              "spikes may lie\non other steps.\n",
              out);
    fputs("Spikes are told as step numbers: step s ends at time s dt.\n", out);
    if (data)
        fputs("The numbers are in the HDF5 file beside this script, which is read with h5py.\n",
              out);
    fputs("\"\"\"\nimport argparse\nimport collections\nimport decimal\nimport pathlib\nimport "
          "sys\n\n",
          out);
    fputs(data ? "import h5py\nimport numpy\n\n" : "import numpy\n\n", out);
}

static void write_array(FILE *out, const struct array *a)
{
    uint64_t count = a->rows * (a->columns > 0 ? a->columns : 1);
    char number[32];
    int width = fprintf(out, "    \"%s\": numpy.array([", a->name);
    for (uint64_t i = 0; i < count; i++) {
        if (width > 88)
            width = fprintf(out, "\n        ") - 1;
        width +=
            fprintf(out, "%s%s", double_format(a->values[i], number), i + 1 < count ? ", " : "");
    }
    fputs("], float)", out);
    if (a->columns > 0)
        fprintf(out, ".reshape(%" PRIu64 ", %" PRIu64 ")", a->rows, a->columns);
    fputs(",\n", out);
}

static const char read_numbers[] =
    "DATA = {}\n"
    "with h5py.File(pathlib.Path(__file__).with_suffix(\"" NUMBERS "\")) as file:\n"
    "    file.visititems(lambda name, item: DATA.update({name: item[()]})\n"
    "                    if isinstance(item, h5py.Dataset) else None)\n\n";

/* Which steps a file holds the spikes of: those of its recorder, without a warmup left out. */
static void write_recorded(FILE *out, const struct config *config, size_t population)
{
    uint64_t after = config->record_warmup ? 0 : config->warmup_steps, last = config->steps;
    for (size_t r = 0; r < config->record_count; r++) {
        const struct record_config *record = &config->record[r];
        for (size_t i = 0; record->what == RECORD_SPIKES && i < record->population_count; i++)
            if (record->population[i] == population) {
                after = record->start_step > after ? record->start_step : after;
                last = record->stop_step < last ? record->stop_step : last;
            }
    }
    fprintf(out, "    \"%s\": (%" PRIu64 ", %" PRIu64 "),\n", config->population[population].name,
            after, last);
}

static void write_model(FILE *out, const struct emit_model *model, const char *data)
{
    const struct config *config = model->config;
    char number[32];
    fprintf(out, "DT = %s  # ms\nSTEPS = %" PRIu64 "\nSEED = %" PRIu64 "\n",
            double_format(config->dt_ms, number), config->steps, config->seed);
    fputs("RECORDED = {  # of each population: spikes after this step, up to that one\n", out);
    for (size_t i = 0; i < config->population_count; i++)
        write_recorded(out, config, i);
    fputs("}\n", out);
    fprintf(out, "WARMUP = %" PRIu64 "\n", config->warmup_steps);
    if (strcmp(model->simulator, "brian2") == 0)
        fprintf(out, "METHOD = \"%s\"\n", config->method == METHOD_EULER ? "euler" : "exact");
    fprintf(out, "PRECISION_NOTE = \"%s\"\n\n",
            config->precision == PRECISION_SINGLE && !model->random
                ? "; if the file comes from a run in single precision, compare with one with "
                  "precision = double"
                : "");
    fputs(config->projection_count > 0 ? "EDGES = pathlib.Path(__file__).with_suffix(\"" SYNAPSES
                                         "\")  # read with h5py\n"
                                       : "EDGES = None\n",
          out);
    if (*data) {
        fputs(read_numbers, out);
    } else if (model->array_count > 0) {
        fputs("DATA = {\n", out);
        for (size_t i = 0; i < model->array_count; i++)
            write_array(out, &model->array[i]);
        fputs("}\n\n", out);
    }
    fwrite(model->text, 1, model->length, out);
    fputs("\n\n", out);
}

static void write_config(FILE *out, const struct config *config)
{
    char *text = config_to_text(config);
    fputs("\n\n# ---- the config ----\n", out);
    for (char *line = text, *end; line && *line; line = end + (*end == '\n')) {
        end = line + strcspn(line, "\n");
        fprintf(out, "#%s%.*s\n", end > line ? " " : "", (int)(end - line), line);
    }
    free(text);
}

static void write_script(FILE *out, const struct emit_model *model, const char *data)
{
    write_about(out, model, *data);
    write_model(out, model, data);
    fputs(strcmp(model->simulator, "nest") == 0 ? emit_nest_py : emit_brian2_py, out);
    fputs(emit_edges_py, out);
    fputs(emit_spikes_py, out);
    write_config(out, model->config);
}

/* script.py -> script.numbers.h5, as Python's with_suffix does. */
static void name_beside(char name[4096], const char *path, const char *suffix)
{
    const char *dot = strrchr(base_name(path), '.');
    int length = dot && dot > base_name(path) ? (int)(dot - path) : (int)strlen(path);
    snprintf(name, 4096, "%.*s%s", length > 4000 ? 4000 : length, path, suffix);
}

enum status emit_script_edges(const struct config *config, const char *path, char edges[4096],
                              struct error *err)
{
    edges[0] = '\0';
    if (config->projection_count == 0)
        return STATUS_OK;
    if (output_stream_is_printed(path))
        return error_set(err, STATUS_CONFIG,
                         "the model has projections, whose synapses need a file beside the script; "
                         "give the script a name: -o FILE.py");
    name_beside(edges, path, SYNAPSES);
    return STATUS_OK;
}

enum status emit_script_files(const struct emit_model *model, const char *path, char data[4096],
                              struct error *err)
{
    data[0] = '\0';
    if (model->numbers <= EMIT_INLINE_MOST)
        return STATUS_OK;
    if (output_stream_is_printed(path))
        return error_set(err, STATUS_CONFIG,
                         "the model has %" PRIu64 " numbers, which need a file beside the script "
                         "(from %d on); give the script a name: -o FILE.py",
                         model->numbers, EMIT_INLINE_MOST + 1);
    name_beside(data, path, NUMBERS);
    return STATUS_OK;
}

enum status emit_script_write(const struct emit_model *model, const char *path, const char *data,
                              bool force, struct error *err)
{
    struct output_stream out;
    enum status status = output_stream_open(&out, path, force, stdout, err);
    if (!status && *data)
        status = array_file_write(data, force, model->array, model->array_count, err);
    if (!status)
        write_script(out.file, model, data);
    return output_stream_close(&out, status, err);
}
