// SPDX-License-Identifier: GPL-2.0
/*
 * out.c - print results as text or as JSON, complaints always as text
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "out.h"

int complain(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("ddctl: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return -1;
}

int out_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	return complain("cannot write to standard output: %s", strerror(errno));
}

int out_json(json_t *json)
{
	int err = json ? json_dumpf(json, stdout, JSON_INDENT(2)) : -1;

	json_decref(json);
	if (err)
		return complain("cannot print JSON: out of memory or output");
	putchar('\n');
	return out_flush();
}

json_t *out_bytes(const char *bytes, size_t n)
{
	json_t *json = json_stringn(bytes, n);
	unsigned char c;
	char *utf8, *to;
	size_t i;

	if (json)
		return json;
	utf8 = to = malloc(2 * n + 1);
	if (!utf8)
		return NULL;
	for (i = 0; i < n; i++) {
		c = bytes[i];
		if (c >= 0x80) {
			*to++ = 0xc0 | c >> 6;
			*to++ = 0x80 | (c & 0x3f);
		} else {
			*to++ = c;
		}
	}
	json = json_stringn(utf8, to - utf8);
	free(utf8);
	return json;
}
