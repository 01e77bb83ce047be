// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - ddctl: the table of verbs
 *
 * ddctl VERB ARGUMENTS. Each verb is an argp program of its own; this file only
 * finds it.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ddctl.h"
#include "out.h"

const char *argp_program_version = "ddctl " DDCTL_VERSION;

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} verbs[] = {
	{ "exec", verb_exec, "run a Multiboot image in a new VM" },
	{ "list", verb_list, "show all VMs" },
	{ "status", verb_status, "show how a VM is" },
	{ "stat", verb_stat, "show a VM's counters" },
	{ "console", verb_console, "print what a VM wrote to its serial port" },
	{ "pause", verb_pause, "let a VM stand still" },
	{ "resume", verb_resume, "let a paused VM go on" },
	{ "wait", verb_wait, "wait until a VM is dead" },
	{ "kill", verb_kill, "end a VM; it can still be looked at" },
	{ "rm", verb_rm, "destroy a VM" },
	{ "info", verb_info, "show what the loaded module is" },
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static char *filter_help(int key, const char *text, void *input)
{
	char *help = NULL;
	size_t size, i;
	FILE *f;

	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	f = open_memstream(&help, &size);
	if (!f)
		return (char *)text;
	fputs("Verbs:\n", f);
	for (i = 0; i < N_VERBS; i++)
		fprintf(f, "  %-10s %s\n", verbs[i].name, verbs[i].help);
	fputs("\n`ddctl VERB --help' says more about one; so does ddctl(8).",
	      f);
	fclose(f);
	return help;
}

struct arguments {
	const struct verb *verb;
	int first; /* index of the verb in argv */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	size_t i;

	switch (key) {
	case ARGP_KEY_ARG:
		for (i = 0; i < N_VERBS; i++)
			if (!strcmp(arg, verbs[i].name))
				a->verb = &verbs[i];
		if (!a->verb)
			argp_error(state, "no verb '%s'", arg);
		a->first = state->next - 1;
		state->next = state->argc; /* the rest is the verb's */
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a verb is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "VERB [ARGUMENT...]",
		.doc = "Run and watch virtual machines of vamhost.\v",
		.help_filter = filter_help,
	};
	struct arguments a = { 0 };
	char name[32];

	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &a))
		return EXIT_USAGE;
	snprintf(name, sizeof(name), "ddctl %s", a.verb->name);
	argv[a.first] = name;
	return a.verb->run(argc - a.first, argv + a.first);
}
