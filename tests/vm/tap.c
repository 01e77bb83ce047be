// SPDX-License-Identifier: GPL-2.0
/*
 * tap.c - run the tests of a program, print TAP
 *
 * Arguments are substrings of test names; without any, all tests run.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tap.h"

#define TIME_DEFAULT 60

static struct tap_test *first, **last = &first;
static const char *running, *skipped;
static unsigned int failures;

void tap_add(struct tap_test *test)
{
	*last = test;
	last = &test->next;
}

void tap_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	/* The first few say it all; a loop must not fill the log. */
	if (__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED) >= 10)
		return;
	flockfile(stdout);
	printf("# %s:%d: ", strrchr(file, '/') ? strrchr(file, '/') + 1 : file,
	       line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	funlockfile(stdout);
}

void tap_note(const char *fmt, ...)
{
	va_list args;

	flockfile(stdout);
	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	funlockfile(stdout);
}

void tap_skip(const char *why)
{
	skipped = why;
}

void tap_time(unsigned int seconds)
{
	alarm(seconds);
}

static void on_alarm(int sig)
{
	static const char text[] = "Bail out! the test takes too long: ";

	(void)!write(1, text, sizeof(text) - 1);
	(void)!write(1, running, strlen(running));
	(void)!write(1, "\n", 1);
	_exit(1);
}

static bool is_wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strstr(name, argv[i]))
			return true;
	return argc < 2;
}

int tap_main(int argc, char **argv)
{
	struct tap_test *test;
	unsigned int n = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGALRM, on_alarm);
	for (test = first; test; test = test->next)
		n += is_wanted(test->name, argc, argv);
	printf("TAP version 13\n1..%u\n", n);
	n = 0;
	for (test = first; test; test = test->next) {
		if (!is_wanted(test->name, argc, argv))
			continue;
		failures = 0;
		skipped = NULL;
		running = test->name;
		tap_time(TIME_DEFAULT);
		test->run();
		alarm(0);
		printf("%s %u - %s", failures ? "not ok" : "ok", ++n,
		       test->name);
		if (skipped && !failures)
			printf(" # SKIP %s", skipped);
		putchar('\n');
		failed += failures != 0;
	}
	return failed ? 1 : 0;
}
