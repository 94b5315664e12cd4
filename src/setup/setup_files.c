/* Lists the files that a config names, and takes their SHA-256. */
#include "setup/setup_files.h"

#include "config/keys.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `name` as seen from the folder of the config; allocated. */
static char *path_of(const struct config *config, const char *name)
{
    const char *slash = strrchr(config->file, '/');
    size_t folder = *name != '/' && slash ? (size_t)(slash - config->file) + 1 : 0;
    char *path = malloc(folder + strlen(name) + 1);
    if (!path)
        return NULL;
    memcpy(path, config->file, folder);
    strcpy(path + folder, name);
    return path;
}

const struct sim_file *setup_files_add(struct setup_files *files, const struct config *config,
                                       const char *section, const char *key, const char *name)
{
    struct sim_file *list = realloc(files->file, (files->count + 1) * sizeof *list);
    if (!list)
        return NULL;
    files->file = list;
    struct sim_file *file = &list[files->count++];
    *file =
        (struct sim_file){strdup(section), strdup(key), strdup(name), path_of(config, name), 0, ""};
    return file->section && file->key && file->name && file->path ? file : NULL;
}

static bool list_parameters(struct setup_files *files, const struct config *config,
                            const struct population_config *p)
{
    bool good = true;
    char section[80];
    snprintf(section, sizeof section, "population.%s", p->name);
    for (int key = 0; key < config_population_key_count(p) && good; key++)
        if (config_population_key(p, key)->kind == VALUE_DISTRIBUTION && p->value[key].present &&
            p->value[key].number.kind == DISTRIBUTION_FILE)
            good = setup_files_add(files, config, section, config_population_key(p, key)->name,
                                   p->value[key].text) != NULL;
    for (int key = POPULATION_KEYS; p->model->fed && key < config_population_key_count(p) && good;
         key++)
        if (strcmp(config_population_key(p, key)->name, "file") == 0)
            good = setup_files_add(files, config, section, "file", p->value[key].text) != NULL;
    return good;
}

static bool list_input(struct setup_files *files, const struct input_config *input)
{
    bool good = true;
    char section[80];
    snprintf(section, sizeof section, "input.%s", input->name);
    for (size_t key = 0; key < input->type->key_count && good; key++)
        if (strcmp(input->keys[key].name, "file") == 0 && input->value[key].present)
            good = setup_files_add(files, input->config, section, "file", input->value[key].text) !=
                   NULL;
    return good;
}

static bool list_projection(struct setup_files *files, const struct config *config,
                            const struct projection_config *p)
{
    static const int keys[] = {PROJECTION_FILE, PROJECTION_TYPES};
    bool good = true;
    char section[128];
    snprintf(section, sizeof section, "projection.%s", p->name);
    for (size_t i = 0; i < sizeof keys / sizeof *keys && good; i++)
        if (p->value[keys[i]].present)
            good = setup_files_add(files, config, section, config_projection_key(p, keys[i])->name,
                                   p->value[keys[i]].text) != NULL;
    return good;
}

enum status setup_files_list(struct setup_files *files, const struct config *config,
                             struct error *err)
{
    bool good = true;
    for (size_t i = 0; i < config->population_count && good; i++)
        good = list_parameters(files, config, &config->population[i]);
    for (size_t i = 0; i < config->input_count && good; i++)
        good = list_input(files, &config->input[i]);
    for (size_t i = 0; i < config->projection_count && good; i++)
        good = list_projection(files, config, &config->projection[i]);
    return good ? STATUS_OK : error_no_memory(err, "for the names of files");
}

enum status setup_files_digest(struct setup_files *files, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; !status && i < files->count; i++) {
        struct sim_file *file = &files->file[i];
        size_t same = 0;
        while (same < i && strcmp(files->file[same].path, file->path) != 0)
            same++;
        if (same == i) {
            status = file_digest(file->path, file->sha256, &file->bytes, err);
        } else {
            memcpy(file->sha256, files->file[same].sha256, FILE_DIGEST_TEXT);
            file->bytes = files->file[same].bytes;
        }
    }
    return status;
}

char *setup_files_text(const struct setup_files *files)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    for (size_t i = 0; i < files->count; i++)
        fprintf(to, "[%s]\n%s = %s\n", files->file[i].section, files->file[i].key,
                files->file[i].sha256);
    bool good = !ferror(to);
    if (fclose(to) == 0 && good)
        return text;
    free(text);
    return NULL;
}

void setup_files_free(struct setup_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->file[i].section);
        free(files->file[i].key);
        free(files->file[i].name);
        free(files->file[i].path);
    }
    free(files->file);
    *files = (struct setup_files){NULL, 0};
}
