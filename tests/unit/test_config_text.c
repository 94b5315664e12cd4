/* Config texts: line ends and long lines, round trips, locales, files, failing allocations. */
#define _GNU_SOURCE /* mkdtemp */
#include "config/config_hash.h"
#include "config/keys.h"
#include "config/read.h"
#include "config/write.h"
#include "helpers/read_config.h"

#include <locale.h>
#include <unistd.h>

/* Every allocation of the config layer goes through calloc: the one that counts down to 0 fails. */
static long allocations_left = -1;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#if !defined(SANITIZED) && defined(__GLIBC__)
#define CAN_FAIL_ALLOCATIONS 1
void *__libc_calloc(size_t count, size_t size);
void *calloc(size_t count, size_t size)
{
    if (allocations_left > 0 && --allocations_left == 0)
        return NULL;
    return __libc_calloc(count, size);
}
#endif

static void assert_same_text(const char *text, const char *reference)
{
    struct config *one = read_text(text), *other = read_text(reference);
    char *a = config_to_text(one), *b = config_to_text(other);
    assert_string_equal(a, b);
    free(a);
    free(b);
    config_free(one);
    config_free(other);
}

static void line_ends_marks_and_comments_change_nothing(void **state)
{
    (void)state;
    static const char plain[] = EXC "E_L = -65 mV\n[output]\nfile = a;b#c.h5\n";
    assert_same_text(
        "\xef\xbb\xbf[simulation]\r\nduration = 1 s\r\n[population.exc]\r\nsize = 10\r\n"
        "E_L = -65 mV\r\n[output]\r\nfile = a;b#c.h5\r\n",
        plain);
    assert_same_text(
        "; a comment\n# another\n\n   # indented\n[simulation] ; here\nduration=1 s # x\n"
        "\t\n[population.exc]\t#[no]\nsize = 10\t; = 11\nE_L = -65 mV ;\n"
        "[output]\nfile =   a;b#c.h5  \t# \xc3\xa4",
        plain);
}

static void long_values_are_read_whole(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    char *text = malloc(64 * COUNT), *end = text;
    end += sprintf(end, "%s[input.x]\ntarget = exc\ntype = step\ntimes = ", EXC);
    for (int i = 0; i < COUNT; i++)
        end += sprintf(end, "%s%d.%d", i ? "," : "", i, i % 10);
    end += sprintf(end, " ms\namplitudes = ");
    for (int i = 0; i < COUNT; i++)
        end += sprintf(end, "%s%*d pA", i ? " ,   " : "", i % 70, i);
    end += sprintf(end, "\n[output]\nfile = ");
    char path[4000];
    for (size_t i = 0; i < sizeof path - 1; i++)
        path[i] = "a;#c =["[i % 7];
    path[sizeof path - 1] = '\0';
    sprintf(end, "%s\n", path);
    struct config *config = read_text(text);
    const struct value *times = &config->input[0].value[0], *amplitudes = times + 1;
    assert_true(times->count == COUNT && amplitudes->count == COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(times->steps[i], 10 * i + i % 10);
        assert_true(amplitudes->numbers[i] == i);
    }
    assert_string_equal(config->output_file, path);
    config_free(config);
    free(text);
}

/* [simulation] and `populations` more sections; the number of messages. */
static size_t messages_of_sections(size_t populations)
{
    char *text = malloc(64 * (populations + 1)), *end = text + sprintf(text, HEAD);
    for (size_t i = 0; i < populations; i++)
        end += sprintf(end, "[population.p%zu]\nsize = 1\n", i);
    struct config *config;
    messages_free(&errors);
    enum status status = config_read_text(text, (size_t)(end - text), "bad.ini", NULL, 0,
                                          &test_types, &config, &errors);
    assert_int_equal(status, errors.count ? STATUS_CONFIG : STATUS_OK);
    config_free(config);
    free(text);
    return errors.count;
}

static void too_many_sections_are_told_once(void **state)
{
    (void)state;
    assert_int_equal(messages_of_sections(4095), 0);
    assert_int_equal(messages_of_sections(4100), 1);
    assert_string_equal(errors.line[0], "bad.ini:8193: too many sections; at most 4096 are read");
}

static void assert_same_value(const struct value *a, const struct value *b)
{
    assert_int_equal(a->present, b->present);
    assert_memory_equal(&a->number, &b->number, sizeof a->number);
    assert_true(a->exact.mantissa == b->exact.mantissa && a->exact.exponent == b->exact.exponent);
    assert_int_equal(a->integer, b->integer);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; a->numbers && i < a->count; i++)
        assert_memory_equal(&a->numbers[i], &b->numbers[i], sizeof *a->numbers);
    for (size_t i = 0; a->steps && i < a->count; i++)
        assert_int_equal(a->steps[i], b->steps[i]);
    assert_string_equal(a->text ? a->text : "", b->text ? b->text : "");
}

static void assert_same_population(const struct population_config *a,
                                   const struct population_config *b)
{
    assert_string_equal(a->name, b->name);
    assert_true(a->size == b->size && a->seed == b->seed && a->membrane == b->membrane &&
                a->t_ref_steps == b->t_ref_steps);
    for (int i = 0; i < POPULATION_KEYS; i++)
        assert_same_value(&a->value[i], &b->value[i]);
}

static void assert_same_input(const struct input_config *a, const struct input_config *b)
{
    assert_string_equal(a->name, b->name);
    assert_ptr_equal(a->type, b->type);
    assert_true(a->start_step == b->start_step && a->stop_step == b->stop_step &&
                a->seed == b->seed && a->seed_given == b->seed_given);
    assert_int_equal(a->target_count, b->target_count);
    assert_memory_equal(a->target, b->target, a->target_count * sizeof *a->target);
    for (size_t i = 0; i < a->type->key_count; i++)
        assert_same_value(&a->value[i], &b->value[i]);
}

static void assert_same_record(const struct record_config *a, const struct record_config *b)
{
    const struct selection *s = &a->neurons, *t = &b->neurons;
    assert_string_equal(a->name, b->name);
    assert_true(a->what == b->what && a->seed == b->seed);
    assert_true(a->interval_steps == b->interval_steps && a->start_step == b->start_step &&
                a->stop_step == b->stop_step);
    assert_int_equal(a->population_count, b->population_count);
    assert_memory_equal(a->population, b->population, a->population_count * sizeof *a->population);
    assert_true(s->kind == t->kind && s->begin == t->begin && s->end == t->end &&
                s->step == t->step && s->sample == t->sample && s->list_count == t->list_count);
    if (s->list_count)
        assert_memory_equal(s->list, t->list, s->list_count * sizeof *s->list);
}

static void assert_same_config(const struct config *a, const struct config *b)
{
    assert_true(a->dt.mantissa == b->dt.mantissa && a->dt.exponent == b->dt.exponent);
    assert_true(a->dt_ms == b->dt_ms && a->steps == b->steps && a->seed == b->seed &&
                a->precision == b->precision && a->method == b->method &&
                a->warmup_steps == b->warmup_steps && a->record_warmup == b->record_warmup);
    assert_same_value(&a->max_rate, &b->max_rate);
    assert_true(a->max_rate_stops == b->max_rate_stops &&
                a->stop_after_spikes == b->stop_after_spikes);
    assert_int_equal(a->population_count, b->population_count);
    assert_int_equal(a->input_count, b->input_count);
    assert_int_equal(a->record_count, b->record_count);
    for (size_t i = 0; i < a->population_count; i++)
        assert_same_population(&a->population[i], &b->population[i]);
    for (size_t i = 0; i < a->input_count; i++)
        assert_same_input(&a->input[i], &b->input[i]);
    for (size_t i = 0; i < a->record_count; i++)
        assert_same_record(&a->record[i], &b->record[i]);
    assert_string_equal(a->output_file, b->output_file);
    assert_true(a->output_deflate == b->output_deflate &&
                a->output_parameters == b->output_parameters);
}

/* A bit of everything, with numbers that doubles do not hold exactly. */
static const char rich[] =
    "[simulation]\ndt = 0.025 ms\nduration = 12345.678025 s\nseed = 18446744073709551615\n"
    "precision = double\nmethod = euler\nwarmup = 1.05 s\nrecord_warmup = no\n"
    "max_rate = 0.1234567890123456 kHz\non_max_rate = warn\nstop_after_spikes = 12e9\n"
    "[population.b]\nsize = 3e3\ntau_m = uniform(10.1 ms, 0.0203 s)\nR_m = 1e-1 GOhm\n"
    "E_L = -70.1 mV\nV_m = linspace(-70.3, -55.7)\n"
    "[population.a]\nsize = 77\nC_m = lognormal(0.3 nF, 0.1)\nV_th = normal(-50.1, 0.7 mV)\n"
    "t_ref = normal_clipped(2.01, 0.333333333333333333, 1.1, 3.3)\nI_e = 0.1234567890123456 nA\n"
    "V_reset = -0.0700000000000000001 V\nseed = 18446744073709551615\n"
    "[population.c]\nsize = 10\nC_m = 1 nF\ntau_m = 20\ng_L = 50\n"
    "[population.d]\nsize = 10\nC_m = 1 nF\ng_L = 0.1 uS\n"
    "[population.e]\nsize = 10\ntau_m = 11.1 ms\ng_L = 0.1 uS\n"
    "[input.s]\ntarget = b[10:20], a, b[20:3000]\ntype = step\n"
    "times = 0, 0.000025, 123456789012.345675 s\namplitudes = 0.1 nA, 1 pA, -1e-7 uA\n"
    "start = 0.7 ms\nstop = 1e10 ms\n"
    "[input.p]\ntarget = all\ntype = poisson\nrate = 5.1 kHz\nweight = 0.15 mV\nseed = 3\n"
    "[input.n]\ntarget = b\ntype = white_noise\nsigma_V = 4.1\nmean = -0.3 pA\nhold = 0.1\n"
    "[record.x]\npopulation = b\nwhat = spikes\nneurons = 0:3000:7\n"
    "[record.w]\npopulation = c, d\nwhat = spikes\nneurons = 3:\n"
    "[record.y]\npopulation = a\nwhat = spikes\nneurons = 9, 3, 5\n"
    "[record.z]\npopulation = e\nwhat = spikes\nneurons = sample(7)\nseed = 4\n"
    "[record.c]\npopulation = all\nwhat = counts\nstart = 0.1 s\n"
    "[record.d]\npopulation = a, b\nwhat = V_m\nneurons = sample(3)\n"
    "[record.e]\npopulation = b\nwhat = I\ninterval = 0.7 ms\nstart = 1 ms\nstop = 1.2 s\n"
    "[record.f]\npopulation = c\nwhat = jumps\nneurons = none\ninterval = 5 s\n"
    "[record.g]\npopulation = all\nwhat = rate\nbin_width = 35 ms\nstop = 0.5 s\n"
    "[output]\nfile = out/x  y.h5\ncompression = none\nparameters = none\n";

static void the_resolved_text_reads_back_to_the_same_bits(void **state)
{
    (void)state;
    const char *texts[] = {rich, EXC};
    for (int i = 0; i < 2; i++) {
        struct config *config = read_text(texts[i]);
        char *text = config_to_text(config);
        struct config *again = read_text(text);
        char *second = config_to_text(again);
        assert_string_equal(text, second);
        assert_same_config(config, again);
        free(text);
        free(second);
        config_free(config);
        config_free(again);
    }
}

static void the_resolved_text_tells_all_defaults(void **state)
{
    (void)state;
    struct config *config = read_text(EXC "[input.x]\ntarget=all\ntype=dc\namplitude=0.1 nA\n"
                                          "[record.r]\npopulation=all\nwhat=spikes\n");
    char *text = config_to_text(config);
    assert_string_equal(text, "[simulation]\n"
                              "dt            = 0.1 ms\n"
                              "duration      = 1000 ms\n"
                              "seed          = 1\n"
                              "precision     = single\n"
                              "method        = exact\n"
                              "warmup        = 0 ms\n"
                              "record_warmup = yes\n"
                              "\n[population.exc]\n"
                              "size          = 10\n"
                              "copies        = 1\n"
                              "model         = lif\n"
                              "C_m           = 250 pF\n"
                              "tau_m         = 10 ms\n"
                              "E_L           = -70 mV\n"
                              "V_th          = -55 mV\n"
                              "V_reset       = -70 mV\n"
                              "t_ref         = 2 ms\n"
                              "I_e           = 0 pA\n"
                              "crossing      = grid\n"
                              "\n[input.x]\n"
                              "target        = exc\n"
                              "type          = dc\n"
                              "start         = 0 ms\n"
                              "stop          = inf\n"
                              "amplitude     = 100 pA\n"
                              "\n[record.r]\n"
                              "population    = exc\n"
                              "what          = spikes\n"
                              "neurons       = all\n"
                              "start         = 0 ms\n"
                              "stop          = inf\n"
                              "\n[output]\n"
                              "file          = good.h5\n"
                              "compression   = deflate\n"
                              "parameters    = drawn\n");
    free(text);
    config_free(config);
}

/* A German locale, compiled on the spot where the system has none. */
static bool set_german(char *folder)
{
    if (setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "de_DE.utf8"))
        return true;
    char command[256];
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1",
             folder);
    if (system(command) == -1)
        return false;
    setenv("LOCPATH", folder, 1);
    return setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static uint64_t hash_of(const char *keys)
{
    char text[512];
    snprintf(text, sizeof text,
             EXC "[projection.p]\nsource = exc\ntarget = exc\nrule = all_to_all\ndelay = 1 ms\n"
                 "weight = 1\n%s",
             keys);
    struct config *config = read_text(text);
    char *resolved = config_to_text(config);
    const uint64_t hash = config_hash(resolved);
    free(resolved);
    config_free(config);
    return hash;
}

/* How synapses are kept changes no result. */
static void storage_is_not_in_the_hash(void **state)
{
    (void)state;
    assert_int_equal(hash_of("storage = bitmaps\n"), hash_of(""));
    assert_int_equal(hash_of("storage = lists\n"), hash_of(""));
    assert_int_not_equal(hash_of("seed = 5\n"), hash_of(""));
}

static void a_german_locale_changes_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/megalif-locale-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct config *english = read_text(rich);
    char *english_text = config_to_text(english);
    if (!set_german(folder)) {
        rmdir(folder);
        free(english_text);
        config_free(english);
        print_message("no German locale, and localedef could not make one\n");
        skip();
    }
    assert_string_equal(localeconv()->decimal_point, ",");
    struct config *german = read_text(rich);
    char *german_text = config_to_text(german);
    setlocale(LC_ALL, "C");
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    assert_same_config(english, german);
    assert_string_equal(english_text, german_text);
    free(english_text);
    free(german_text);
    config_free(english);
    config_free(german);
}

static void a_failed_allocation_is_an_error(void **state)
{
    (void)state;
#ifndef CAN_FAIL_ALLOCATIONS
    print_message("no failing calloc beside a sanitizer\n");
    skip();
#endif
    const char *texts[] = {rich,
                           "[a]\n[population.b]\nx=1\nsize=y\n[input.c]\ntarget=c, d\ntype=e\n"};
    for (int i = 0; i < 2; i++) {
        enum status status = STATUS_MEMORY;
        long n = 1;
        for (; status == STATUS_MEMORY; n++) {
            struct config *config;
            struct messages list = {0};
            allocations_left = n;
            status = config_read_text(texts[i], strlen(texts[i]), "x.ini", NULL, 0, &test_types,
                                      &config, &list);
            allocations_left = -1;
            assert_int_equal(config != NULL, status == STATUS_OK);
            assert_int_equal(list.count == 0, status == STATUS_OK);
            messages_free(&list);
            config_free(config);
        }
        assert_int_equal(status, i == 0 ? STATUS_OK : STATUS_CONFIG);
        assert_true(n > 50);
    }
}

static enum status read_file(const char *path)
{
    struct config *config;
    enum status status = config_read(path, NULL, 0, &test_types, &config, &errors);
    assert_int_equal(config != NULL, status == STATUS_OK);
    config_free(config);
    return status;
}

static void files_are_read_or_named(void **state)
{
    (void)state;
    messages_free(&errors);
    char path[] = "/tmp/megalif-config-XXXXXX";
    int file = mkstemp(path);
    assert_int_equal(write(file, EXC, strlen(EXC)), strlen(EXC));
    assert_int_equal(read_file(path), STATUS_OK);
    assert_int_equal(ftruncate(file, (4 << 20) + 1), 0);
    assert_int_equal(read_file(path), STATUS_CONFIG);
    close(file);
    unlink(path);
    assert_int_equal(read_file(path), STATUS_CONFIG);
    assert_int_equal(read_file("/"), STATUS_CONFIG);
    assert_int_equal(errors.count, 3);
    assert_non_null(strstr(errors.line[0], "cannot be read: File too large"));
    assert_non_null(strstr(errors.line[1], "cannot be read: No such file or directory"));
    assert_non_null(strstr(errors.line[2], "/: cannot be read: Is a directory"));
    assert_memory_equal(errors.line[1], path, strlen(path));
    messages_free(&errors);
}

static void standard_input_is_a_file(void **state)
{
    (void)state;
    FILE *text = tmpfile();
    fputs(EXC, text);
    rewind(text);
    int old = dup(0);
    dup2(fileno(text), 0);
    struct config *config;
    assert_int_equal(config_read("-", NULL, 0, &test_types, &config, &errors), STATUS_OK);
    assert_string_equal(config->output_file, "stdin.h5");
    config_free(config);
    dup2(old, 0);
    close(old);
    fclose(text);
}

static char *load(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s cannot be read; run from the top folder", path);
    char *text = calloc(1, 1 << 16);
    assert_in_range(fread(text, 1, (1 << 16) - 1, file), 1, (1 << 16) - 2);
    fclose(file);
    return text;
}

/* Each key stands in the manual in quotes, and at the start of a line of the annotated config. */
static void assert_explained(const char *manual, const char *example, const struct key *keys,
                             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char quoted[64], line[64];
        snprintf(quoted, sizeof quoted, "| `%s` ", keys[i].name);
        snprintf(line, sizeof line, "\n%s ", keys[i].name);
        if (!strstr(manual, quoted))
            fail_msg("docs/configuration.md has no line for %s", keys[i].name);
        if (!strstr(example, line))
            fail_msg("configs/annotated.ini does not show %s", keys[i].name);
    }
}

static void manual_and_annotated_config_show_every_key(void **state)
{
    (void)state;
    char *manual = load("docs/configuration.md"), *example = load("configs/annotated.ini");
    assert_explained(manual, example, config_simulation_keys, SIMULATION_KEYS);
    assert_explained(manual, example, config_population_keys, POPULATION_KEYS);
    assert_explained(manual, example, config_input_keys, INPUT_KEYS);
    assert_explained(manual, example, config_projection_keys, PROJECTION_KEYS);
    assert_explained(manual, example, config_record_keys, RECORD_KEYS);
    assert_explained(manual, example, config_output_keys, OUTPUT_KEYS);
    free(manual);
    free(example);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends_marks_and_comments_change_nothing),
        cmocka_unit_test(long_values_are_read_whole),
        cmocka_unit_test(too_many_sections_are_told_once),
        cmocka_unit_test(the_resolved_text_reads_back_to_the_same_bits),
        cmocka_unit_test(the_resolved_text_tells_all_defaults),
        cmocka_unit_test(storage_is_not_in_the_hash),
        cmocka_unit_test(a_german_locale_changes_nothing),
        cmocka_unit_test(a_failed_allocation_is_an_error),
        cmocka_unit_test(files_are_read_or_named),
        cmocka_unit_test(standard_input_is_a_file),
        cmocka_unit_test(manual_and_annotated_config_show_every_key),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
