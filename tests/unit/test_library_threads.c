/* Different simulations in different threads at once, and one of all threads at a time in HDF5, as
 * builds of HDF5 that are not thread-safe need it. This program's own H5 functions stand before
 * those of the shared library, watch, and call them. */
#include "helpers/library_helpers.h"
#include "helpers/raster_helpers.h"

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static _Atomic uintptr_t inside; /* the thread that is in HDF5; 0: none */
static _Atomic long calls, overlaps;

static void enter(void)
{
    uintptr_t nobody = 0;
    calls++;
    if (!atomic_compare_exchange_strong(&inside, &nobody, (uintptr_t)pthread_self()))
        overlaps++;
    else
        usleep(20); /* the others' chance to come in, too */
}

static void leave(void)
{
    uintptr_t me = (uintptr_t)pthread_self();
    atomic_compare_exchange_strong(&inside, &me, 0);
}

#define WATCH(type, name, parameters, arguments)                                                   \
    type name parameters                                                                           \
    {                                                                                              \
        type(*original) parameters;                                                                \
        *(void **)&original = dlsym(RTLD_NEXT, #name);                                             \
        enter();                                                                                   \
        type result = original arguments;                                                          \
        leave();                                                                                   \
        return result;                                                                             \
    }

WATCH(hid_t, H5Fcreate, (const char *a, unsigned b, hid_t c, hid_t d), (a, b, c, d))
WATCH(herr_t, H5Fclose, (hid_t a), (a))
WATCH(hid_t, H5Pcreate, (hid_t a), (a))
WATCH(hid_t, H5Screate_simple, (int a, const hsize_t *b, const hsize_t *c), (a, b, c))
WATCH(herr_t, H5Sclose, (hid_t a), (a))
WATCH(hid_t, H5Dget_space, (hid_t a), (a))
WATCH(herr_t, H5Dset_extent, (hid_t a, const hsize_t *b), (a, b))
WATCH(herr_t, H5Dwrite, (hid_t a, hid_t b, hid_t c, hid_t d, hid_t e, const void *f),
      (a, b, c, d, e, f))
WATCH(herr_t, H5Dclose, (hid_t a), (a))
WATCH(herr_t, H5Awrite, (hid_t a, hid_t b, const void *c), (a, b, c))
WATCH(herr_t, H5get_libversion, (unsigned *a, unsigned *b, unsigned *c), (a, b, c))

/* One of several hosts at once: its own simulation, with rasters and traces, again and again.
 * Returns the digest, or NULL when anything failed. */
static void *run_in_thread(void *text)
{
    struct place place;
    char traces[128];
    char *digest = NULL;
    if (!make_place(&place))
        return NULL;
    snprintf(traces, sizeof traces, "%s/out.look.h5", place.folder);
    for (int i = 0; i < 5; i++) {
        struct mlif_report report;
        struct mlif_options options = options_for(text, place.path);
        options.force = i > 0;
        free(digest);
        digest = mlif_run(&options, &report, NULL, NULL) ? NULL : strdup(report.digest);
        mlif_report_free(&report);
    }
    unlink(traces);
    remove_place(&place);
    return digest;
}

/* Different simulations in different threads at once. */
static void threads_run_side_by_side(void **state)
{
    (void)state;
    enum { HOSTS = 3 };
    char text[sizeof model + 100];
    pthread_t host[HOSTS];
    void *digest[HOSTS];
    snprintf(text, sizeof text, "%s[record.look]\npopulation = exc\nwhat = V_m\nneurons = 0:100\n",
             model);
    for (int i = 0; i < HOSTS; i++)
        assert_int_equal(pthread_create(&host[i], NULL, run_in_thread, text), 0);
    for (int i = 0; i < HOSTS; i++)
        assert_int_equal(pthread_join(host[i], &digest[i]), 0);
    for (int i = 0; i < HOSTS; i++) {
        assert_non_null(digest[i]);
        assert_string_equal(digest[i], digest[0]);
    }
    for (int i = 0; i < HOSTS; i++)
        free(digest[i]);
    assert_true(calls > 1000);
    assert_int_equal(overlaps, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_run_side_by_side),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
