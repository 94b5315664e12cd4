/* Reading good configs in tests. */
#ifndef MEGALIF_TESTS_READ_CONFIG_H
#define MEGALIF_TESTS_READ_CONFIG_H

#include "config/read.h"
#include "input_types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "[simulation]\nduration = 1 s\n"
#define EXC HEAD "[population.exc]\nsize = 10\n"

static struct messages errors;

static struct config *read_with(const char *text, size_t count, const char *const *overrides)
{
    struct config *config;
    messages_free(&errors);
    enum status status = config_read_text(text, strlen(text), "dir/good.ini", overrides, count,
                                          &test_types, &config, &errors);
    for (size_t i = 0; i < errors.count; i++)
        fprintf(stderr, "%s\n", errors.line[i]);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(errors.count, 0);
    return config;
}

static struct config *read_text(const char *text)
{
    return read_with(text, 0, NULL);
}

#endif
