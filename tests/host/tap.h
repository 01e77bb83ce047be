/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tap.h - report results in the Test Anything Protocol
 *
 * A test program calls tap_ok() once per sentence that can be false, explains
 * failures with tap_note(), and returns tap_done() from main().
 */
#ifndef HOST_TAP_H
#define HOST_TAP_H

#include <linux/types.h>
#include <stdarg.h>
#include <stdio.h>

static unsigned int tap_count;
static unsigned int tap_failed;

/* One result; returns @good. */
static inline bool tap_ok(bool good, const char *sentence)
{
	tap_count++;
	if (!good)
		tap_failed++;
	printf("%sok %u - %s\n", good ? "" : "not ", tap_count, sentence);
	fflush(stdout);
	return good;
}

static inline void tap_skip(const char *sentence, const char *reason)
{
	printf("ok %u - %s # SKIP %s\n", ++tap_count, sentence, reason);
}

/* A line that explains; printf format without newline. */
__attribute__((format(printf, 1, 2))) static inline void
tap_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

static inline int tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed ? 1 : 0;
}

/* Repeatable random numbers (xorshift64*), the same on every machine. */
static inline u64 tap_random(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

#endif /* HOST_TAP_H */
