/* Errors as values and lists of messages: cut, nested, without memory. */
#include "base/error.h"

#include "helpers/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static void set_fills_status_and_text(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(error_set(&err, STATUS_CONFIG, "%s:%d: no", "a.ini", 3), STATUS_CONFIG);
    assert_int_equal(err.status, STATUS_CONFIG);
    assert_string_equal(err.text, "a.ini:3: no");
    assert_int_equal(error_set(NULL, STATUS_MEMORY, "x"), STATUS_MEMORY);
}

static void set_cuts_long_text(void **state)
{
    (void)state;
    struct error err;
    memset(&err, 1, sizeof err);
    error_set(&err, STATUS_OUTPUT, "%2000s", "end");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void set_may_wrap_its_own_text(void **state)
{
    (void)state;
    struct error err = {0};
    error_set(&err, STATUS_OUTPUT, "disk full");
    error_set(&err, STATUS_OUTPUT, "out.h5: %s: stopped", err.text);
    assert_string_equal(err.text, "out.h5: disk full: stopped");
}

static void no_memory_says_for_what(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(error_no_memory(&err, "to read %s", "x.h5"), STATUS_MEMORY);
    assert_int_equal(err.status, STATUS_MEMORY);
    assert_string_equal(err.text, "not enough memory to read x.h5");
    assert_int_equal(error_no_memory(&err, NULL), STATUS_MEMORY);
    assert_string_equal(err.text, "not enough memory");
    assert_int_equal(error_no_memory(NULL, "for this"), STATUS_MEMORY);
}

static void messages_grow(void **state)
{
    (void)state;
    struct messages messages = {0};
    for (int i = 0; i < 1000; i++) {
        messages_add(&messages, "line %d", i);
    }
    assert_int_equal(messages.count, 1000);
    assert_string_equal(messages.line[0], "line 0");
    assert_string_equal(messages.line[999], "line 999");
    char wide[3000];
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    messages_add(&messages, "%s", wide); /* no line is cut */
    assert_string_equal(messages.line[1000], wide);
    messages_free(&messages);
    assert_int_equal(messages.count, 0);
    assert_null(messages.line);
    messages_free(&messages);
}

/* Runs in a child that may not take more memory; 0 when the line is told as lost. */
static int add_without_memory(void)
{
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_AS, &none) != 0) {
        return 1;
    }
    struct messages messages = {0};
    messages_add(&messages, "%100000000s", ""); /* more than a heap holds without growing */
    if (messages.count != 1 || strstr(messages.line[0], "out of memory") == NULL) {
        return 2;
    }
    messages_add(&messages, "small");
    messages_free(&messages);
    return messages.count == 0 ? 0 : 3;
}

static void messages_survive_without_memory(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* its allocator ends the program instead of returning NULL */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    skip();
#endif
#endif
    pid_t child = child_start();
    if (child == 0)
        _exit(add_without_memory());
    assert_int_equal(child_end(child, 1), 0);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_fills_status_and_text),
        cmocka_unit_test(set_cuts_long_text),
        cmocka_unit_test(set_may_wrap_its_own_text),
        cmocka_unit_test(no_memory_says_for_what),
        cmocka_unit_test(messages_grow),
        cmocka_unit_test(messages_survive_without_memory),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
