/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ddctl.h - what the parts of ddctl share: verbs, exit codes, VM handles
 *
 * Every verb is a function with the signature of main(); main.c has the table.
 */
#ifndef DDCTL_H
#define DDCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vamhost/vamhost.h>

#define DDCTL_VERSION "0.1.0"

/*
 * Exit codes. A guest that ends itself makes `ddctl exec` exit with an odd
 * number, (value << 1) | 1, so what is ours is even where we could choose.
 */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1, /* any verb but exec */
	EXIT_USAGE = 64, /* argp's own */
	EXIT_TIMEOUT = 124,
	EXIT_KILLED = 125,
	EXIT_SETUP = 126, /* exec could not start the guest */
};

/* vm.c - verbs about VMs that exist */
int verb_list(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_stat(int argc, char **argv);
int verb_kill(int argc, char **argv);
int verb_rm(int argc, char **argv);
int verb_pause(int argc, char **argv);
int verb_resume(int argc, char **argv);
int verb_wait(int argc, char **argv);
int verb_console(int argc, char **argv);
int verb_info(int argc, char **argv);

/* exec.c */
int verb_exec(int argc, char **argv);

/* dev.c - talking to the module; these print what went wrong, return -1 */
int dev_open(void);
int vm_open(const char *name_or_id);
int vm_call(int fd, unsigned long request, void *arg, const char *what);
const char *vm_end_name(uint32_t end);
const char *vm_state_name(uint32_t state);
bool parse_u64(const char *text, uint64_t max, uint64_t *value);
bool parse_size(const char *text, uint64_t *bytes);
bool parse_seconds(const char *text, uint32_t *ms);

#endif /* DDCTL_H */
