/* rule = file: the edges of a file (wiring_file.h) in their canonical order. */
#ifndef MEGALIF_NET_RULE_FILE_H
#define MEGALIF_NET_RULE_FILE_H

#include "net/wiring_writer.h"

extern const struct wiring_rule rule_file;

#endif
