/* SPDX-License-Identifier: GPL-2.0 */
/*
 * out.h - print results as text or as JSON, complaints always as text
 */
#ifndef OUT_H
#define OUT_H

#include <jansson.h>
#include <stddef.h>

/* One line to stderr, "ddctl: ..."; returns -1. */
__attribute__((format(printf, 1, 2))) int complain(const char *fmt, ...);

/* Print and free @json. Returns 0, or -1 after complaining. */
int out_json(json_t *json);

/* A JSON string of any bytes: what is not UTF-8 is taken as Latin-1. */
json_t *out_bytes(const char *bytes, size_t n);

/* Flush stdout. Returns 0, or -1 after complaining. */
int out_flush(void);

#endif /* OUT_H */
