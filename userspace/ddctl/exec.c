// SPDX-License-Identifier: GPL-2.0
/*
 * exec.c - ddctl exec: run a Multiboot image in a VM of its own, from its first
 * instruction to its last words
 *
 * What the guest writes to its serial port goes to standard output as it comes;
 * what it writes to the debug-exit port becomes our exit code. However this
 * ends, the VM is removed, unless --keep asks for it to stay.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "boot_multiboot.h"
#include "ddctl.h"
#include "out.h"

#define MODULES_MAX 64

struct job {
	const char *image;
	const char *modules[MODULES_MAX];
	size_t nr_modules;
	const char *append;
	const char *name;
	uint64_t memory;
	uint32_t vcpus;
	uint32_t timeout_ms; /* VAMHOST_WAIT_FOREVER: none */
	uint32_t mmu_pages;
	bool keep;
	bool json;

	struct multiboot mb;
	struct vamhost_vm_create create;
	int vm; /* descriptor, -1 while there is none */
	uint64_t console_pos;
	FILE *console; /* stdout, or with --json a buffer */
	char *captured;
	size_t captured_size;
};

enum { KEY_NAME = 256, KEY_KEEP, KEY_JSON, KEY_MMU_PAGES };

static const struct argp_option options[] = {
	{ "module", 'm', "FILE", 0,
	  "load FILE as a Multiboot module; words behind the file name are its "
	  "string" },
	{ "append", 'a', "STR", 0, "command line for the image" },
	{ "memory", 'M', "SIZE", 0, "memory of the VM (default 64M)" },
	{ "vcpus", 'c', "N", 0, "number of virtual CPUs (default 1)" },
	{ "timeout", 't', "S", 0,
	  "kill the VM after S seconds, exit with 124" },
	{ "name", KEY_NAME, "NAME", 0, "name of the VM" },
	{ "mmu-pages", KEY_MMU_PAGES, "N", 0,
	  "most pages to spend on page tables" },
	{ "keep", KEY_KEEP, 0, 0, "do not remove the VM when it is dead" },
	{ "json", KEY_JSON, 0, 0,
	  "print the console and how it ended as one JSON object" },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct job *job = state->input;
	uint64_t n;

	switch (key) {
	case 'm':
		if (job->nr_modules == MODULES_MAX)
			argp_error(state, "more than %d modules", MODULES_MAX);
		job->modules[job->nr_modules++] = arg;
		return 0;
	case 'a':
		job->append = arg;
		return 0;
	case 'M':
		if (!parse_size(arg, &job->memory))
			argp_error(state, "'%s' is not a size", arg);
		if (job->memory < 1 << 20 || job->memory > 1ull << 40 ||
		    job->memory & 4095)
			argp_error(state,
				   "memory must be 1M to 1024G and a multiple "
				   "of 4K");
		return 0;
	case 'c':
		if (!parse_u64(arg, VAMHOST_VCPUS_MAX, &n) || !n)
			argp_error(state, "vcpus must be 1 to %d",
				   VAMHOST_VCPUS_MAX);
		job->vcpus = n;
		return 0;
	case 't':
		if (!parse_seconds(arg, &job->timeout_ms))
			argp_error(state, "'%s' is not a number of seconds",
				   arg);
		return 0;
	case KEY_MMU_PAGES:
		if (!parse_u64(arg, UINT32_MAX, &n))
			argp_error(state, "'%s' is not a number", arg);
		job->mmu_pages = n;
		return 0;
	case KEY_NAME:
		if (!*arg || strlen(arg) >= VAMHOST_NAME_MAX)
			argp_error(state, "a name has 1 to %d characters",
				   VAMHOST_NAME_MAX - 1);
		job->name = arg;
		return 0;
	case KEY_KEEP:
		job->keep = true;
		return 0;
	case KEY_JSON:
		job->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (job->image)
			argp_error(state, "more than one image");
		job->image = arg;
		return 0;
	case ARGP_KEY_END:
		if (!job->image)
			argp_error(state, "the image is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int read_blob(const char *path, const char *name, struct blob *blob)
{
	size_t room = 0;
	struct stat st;
	ssize_t n = 0;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		goto err_close;
	blob->name = strdup(name);
	blob->size = 0;
	do {
		blob->size += n;
		if (blob->size == room) {
			room = room ? 2 * room : (size_t)st.st_size + 1;
			blob->data = realloc(blob->data, room);
		}
		if (!blob->data || !blob->name) {
			close(fd);
			return complain("%s: out of memory", path);
		}
		n = read(fd, blob->data + blob->size, room - blob->size);
	} while (n > 0);
	if (n < 0)
		goto err_close;
	close(fd);
	return 0;

err_close:
	complain("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* "FILE WORDS": the guest sees all of it, the file is what exists. */
static int read_module(const char *text, struct blob *blob)
{
	char *path;
	int err;

	path = strdup(text);
	if (!path)
		return complain("out of memory");
	if (access(path, F_OK))
		path[strcspn(path, " ")] = '\0';
	err = read_blob(path, text, blob);
	free(path);
	return err;
}

static int read_files(struct job *job)
{
	char *cmdline;
	size_t i;

	if (read_blob(job->image, job->image, &job->mb.image))
		return -1;
	job->mb.modules = calloc(MODULES_MAX, sizeof(struct blob));
	if (!job->mb.modules)
		return complain("out of memory");
	for (i = 0; i < job->nr_modules; i++, job->mb.nr_modules++)
		if (read_module(job->modules[i], &job->mb.modules[i]))
			return -1;
	/* By custom the first word is the image's own name. */
	if (asprintf(&cmdline, "%s%s%s", job->image, *job->append ? " " : "",
		     job->append) < 0)
		return complain("out of memory");
	job->mb.cmdline = cmdline;
	return multiboot_check(&job->mb, job->memory);
}

/* A name nobody asked for: the image's, made acceptable, and our process. */
static void make_name(struct job *job)
{
	const char *base = strrchr(job->image, '/');
	char *c;

	if (job->name) {
		strcpy(job->create.name, job->name);
		return;
	}
	base = base ? base + 1 : job->image;
	snprintf(job->create.name, sizeof(job->create.name), "%.20s-%d", base,
		 getpid());
	for (c = job->create.name; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
			    "YZ0123456789-_.",
			    *c))
			*c = '_';
	if (job->create.name[0] == '.')
		job->create.name[0] = '_';
}

static int create_vm(struct job *job)
{
	int dev = dev_open();

	if (dev < 0)
		return -1;
	job->create.size = sizeof(job->create);
	job->create.memory = job->memory;
	job->create.nr_vcpus = job->vcpus;
	job->create.node = -1;
	job->create.mmu_pages = job->mmu_pages;
	make_name(job);
	if (ioctl(dev, VAMHOST_VM_CREATE, &job->create)) {
		switch (errno) {
		case EEXIST:
			complain("there is a VM named '%s' already",
				 job->create.name);
			break;
		case EINVAL:
			complain("the module does not accept the name '%s', "
				 "or that much memory or that many CPUs",
				 job->create.name);
			break;
		case ENOMEM:
			complain("not enough memory for a VM of %llu MiB",
				 (unsigned long long)job->memory >> 20);
			break;
		default:
			complain("cannot create the VM: %s", strerror(errno));
		}
		close(dev);
		return -1;
	}
	close(dev);
	job->vm = job->create.out_fd;
	return 0;
}

static int fill_vm(struct job *job)
{
	struct vamhost_vm_start start = { .size = sizeof(start) };
	struct vamhost_vcpu_state state;
	unsigned char *ram;
	int err;

	ram = mmap(NULL, job->memory, PROT_READ | PROT_WRITE, MAP_SHARED,
		   job->vm, 0);
	if (ram == MAP_FAILED)
		return complain("cannot map the VM's memory: %s",
				strerror(errno));
	err = multiboot_load(&job->mb, ram, job->memory, &state);
	munmap(ram, job->memory);
	if (err)
		return err;
	if (vm_call(job->vm, VAMHOST_VCPU_SET_STATE, &state,
		    "set the VM's registers"))
		return -1;
	return vm_call(job->vm, VAMHOST_VM_START, &start, "start the VM");
}

/* Everything new on the console. */
static int drain_console(struct job *job)
{
	char buffer[16384];
	struct vamhost_console_read read;

	do {
		read = (struct vamhost_console_read){
			.size = sizeof(read),
			.pos = job->console_pos,
			.user_va = (uintptr_t)buffer,
			.length = sizeof(buffer),
		};
		if (vm_call(job->vm, VAMHOST_CONSOLE_READ, &read,
			    "read the VM's console"))
			return -1;
		if (read.out_lost)
			complain("%llu bytes of console output were lost",
				 (unsigned long long)read.out_lost);
		job->console_pos = read.out_pos;
		if (fwrite(buffer, 1, read.out_length, job->console) !=
			    read.out_length ||
		    fflush(job->console))
			return complain("cannot write the VM's output: %s",
					strerror(errno));
	} while (read.out_length);
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

static void kill_vm(struct job *job, const char *why)
{
	struct vamhost_vm_kill kill = { .size = sizeof(kill) };

	snprintf(kill.reason, sizeof(kill.reason), "%s", why);
	ioctl(job->vm, VAMHOST_VM_KILL, &kill);
}

/*
 * Until the VM is dead, time is up or a signal comes. Returns 0, EXIT_TIMEOUT,
 * 128 + signal, or EXIT_SETUP after a complaint.
 */
static int watch(struct job *job, int signals)
{
	struct pollfd fds[] = {
		{ .fd = job->vm, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int64_t deadline = now_ms() + job->timeout_ms;
	struct signalfd_siginfo info;
	int64_t left = -1;
	int n;

	for (;;) {
		if (job->timeout_ms != VAMHOST_WAIT_FOREVER) {
			left = deadline - now_ms();
			if (left < 0)
				left = 0;
			if (left > 60000)
				left = 60000;
		}
		n = poll(fds, 2, (int)left);
		if (n < 0 && errno != EINTR) {
			complain("poll: %s", strerror(errno));
			return EXIT_SETUP;
		}
		if (n > 0 && fds[1].revents &&
		    read(signals, &info, sizeof(info)) == sizeof(info)) {
			kill_vm(job, "ddctl exec was interrupted");
			drain_console(job);
			return 128 + info.ssi_signo;
		}
		if (n > 0 && fds[0].revents) {
			if (drain_console(job)) {
				kill_vm(job, "nobody reads its output");
				return EXIT_SETUP;
			}
			if (fds[0].revents & (POLLHUP | POLLERR))
				return 0;
		}
		if (job->timeout_ms != VAMHOST_WAIT_FOREVER &&
		    now_ms() >= deadline) {
			kill_vm(job, "time is up");
			drain_console(job);
			return EXIT_TIMEOUT;
		}
	}
}

static void print_json(struct job *job, const struct vamhost_vm_status *st,
		       int code)
{
	json_t *json;

	fclose(job->console);
	json = json_pack("{s:s, s:i, s:s, s:i, s:s}", "name", st->out_name,
			 "id", (int)st->out_vm_id, "end",
			 code == EXIT_TIMEOUT ? "timeout" :
						vm_end_name(st->out_end),
			 "exit_code", code, "reason", st->out_reason);
	if (json && st->out_end == VAMHOST_END_EXIT)
		json_object_set_new(json, "exit_value",
				    json_integer(st->out_exit_value));
	if (json)
		json_object_set_new(json, "console",
				    out_bytes(job->captured,
					      job->captured_size));
	out_json(json);
	free(job->captured);
}

/* The VM is dead, or we gave up: which exit code, and say why. */
static int conclude(struct job *job, int code)
{
	struct vamhost_vm_status st = { .size = sizeof(st) };

	if (vm_call(job->vm, VAMHOST_VM_STATUS, &st, "ask how the VM ended"))
		return EXIT_SETUP;
	if (code == 0) {
		if (st.out_end == VAMHOST_END_EXIT) {
			code = ((st.out_exit_value << 1) | 1) & 0xff;
		} else {
			code = EXIT_KILLED;
			complain("VM %s was killed: %s", st.out_name,
				 *st.out_reason ? st.out_reason : "by request");
		}
	} else if (code == EXIT_TIMEOUT) {
		complain("VM %s: time is up", st.out_name);
	}
	if (job->json)
		print_json(job, &st, code);
	return code;
}

static int run_job(struct job *job)
{
	struct vamhost_vm_destroy destroy = { .size = sizeof(destroy) };
	int signals, code = EXIT_SETUP;
	sigset_t set;

	/* Before the VM is there, or a signal could leave it behind. */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0) {
		complain("signalfd: %s", strerror(errno));
		return EXIT_SETUP;
	}
	job->console = job->json ? open_memstream(&job->captured,
						  &job->captured_size) :
				   stdout;
	if (!job->console) {
		complain("out of memory");
		return EXIT_SETUP;
	}
	if (create_vm(job))
		return EXIT_SETUP;
	if (!fill_vm(job))
		code = conclude(job, watch(job, signals));
	else
		job->keep = false;
	/* ENOENT: somebody else has removed it. */
	if (!job->keep && ioctl(job->vm, VAMHOST_VM_DESTROY, &destroy) &&
	    errno != ENOENT) {
		complain("cannot remove the VM: %s", strerror(errno));
		return EXIT_SETUP;
	}
	close(job->vm);
	return code;
}

int verb_exec(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "IMAGE",
		.doc = "Run a Multiboot (version 1) IMAGE in a new VM, copy "
		       "its serial output to standard output, and remove the "
		       "VM when it is dead.\v"
		       "Exit code: (value << 1) | 1 for the value that the "
		       "guest writes to port 0xf4; 124 when time is up; 125 "
		       "when the VM was killed; 126 when it could not be "
		       "started; 64 for wrong usage; 128 + n after signal n.",
	};
	struct job job = {
		.append = "",
		.memory = 64 << 20,
		.vcpus = 1,
		.timeout_ms = VAMHOST_WAIT_FOREVER,
		.vm = -1,
	};

	if (argp_parse(&argp, argc, argv, 0, NULL, &job))
		return EXIT_USAGE;
	if (read_files(&job))
		return EXIT_SETUP;
	return run_job(&job);
}
