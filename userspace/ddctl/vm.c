// SPDX-License-Identifier: GPL-2.0
/*
 * vm.c - verbs about VMs that exist: list, status, stat, kill, rm and so on
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "ddctl.h"
#include "out.h"

/* --- arguments: all verbs share one parser and choose their options --- */

enum {
	TAKES_VM = 1 << 0, /* exactly one VM */
	TAKES_VMS = 1 << 1, /* one or more */
};

struct arguments {
	unsigned int takes;
	char **vms;
	size_t nr_vms;
	bool json;
	bool all; /* stat: counters that are 0 too */
	uint32_t vcpu; /* stat */
	const char *reason; /* kill */
	uint32_t timeout_ms; /* wait */
	bool follow; /* console */
};

enum { KEY_JSON = 256, KEY_VCPU, KEY_REASON };

#define OPTION_JSON                                  \
	{                                            \
		"json", KEY_JSON, 0, 0, "print JSON" \
	}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	uint64_t n;

	switch (key) {
	case KEY_JSON:
		a->json = true;
		return 0;
	case 'a':
		a->all = true;
		return 0;
	case 'f':
		a->follow = true;
		return 0;
	case KEY_VCPU:
		if (!parse_u64(arg, VAMHOST_VCPUS_MAX - 1, &n))
			argp_error(state, "'%s' is not the number of a vCPU",
				   arg);
		a->vcpu = n;
		return 0;
	case KEY_REASON:
		if (strlen(arg) >= VAMHOST_REASON_MAX)
			argp_error(state, "a reason has at most %d characters",
				   VAMHOST_REASON_MAX - 1);
		a->reason = arg;
		return 0;
	case 't':
		if (!parse_seconds(arg, &a->timeout_ms))
			argp_error(state, "'%s' is not a number of seconds",
				   arg);
		return 0;
	case ARGP_KEY_ARG:
		if (!a->takes || (a->takes & TAKES_VM && a->nr_vms))
			argp_error(state, "'%s' is one argument too many", arg);
		a->vms[a->nr_vms++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->takes && !a->nr_vms)
			argp_error(state, "name or number of a VM is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void parse_arguments(int argc, char **argv, struct arguments *a,
			    unsigned int takes,
			    const struct argp_option *options, const char *doc)
{
	struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = takes & TAKES_VM  ? "VM" :
			    takes & TAKES_VMS ? "VM..." :
						NULL,
		.doc = doc,
	};

	*a = (struct arguments){
		.takes = takes,
		.vms = calloc(argc, sizeof(char *)),
		.vcpu = VAMHOST_STAT_TOTAL,
		.reason = "",
		.timeout_ms = VAMHOST_WAIT_FOREVER,
	};
	if (!a->vms || argp_parse(&argp, argc, argv, 0, NULL, a))
		exit(EXIT_USAGE);
}

static const struct argp_option only_json[] = { OPTION_JSON, { 0 } };
static const struct argp_option no_options[] = { { 0 } };

/* --- list, status --- */

static int get_status(int vm, struct vamhost_vm_status *st,
		      struct vamhost_vm_pins *pins)
{
	*st = (struct vamhost_vm_status){ .size = sizeof(*st) };
	*pins = (struct vamhost_vm_pins){ .size = sizeof(*pins) };
	if (vm_call(vm, VAMHOST_VM_STATUS, st, "ask how the VM is"))
		return -1;
	return vm_call(vm, VAMHOST_VM_PINS, pins, "ask what the VM holds");
}

static json_t *status_json(const struct vamhost_vm_status *st,
			   const struct vamhost_vm_pins *pins)
{
	json_t *json = json_pack(
		"{s:I, s:s, s:s, s:i, s:I, s:s, s:s,"
		" s:{s:I, s:I, s:I, s:I, s:I}}",
		"id", (json_int_t)st->out_vm_id, "name", st->out_name, "state",
		vm_state_name(st->out_state), "vcpus", (int)st->out_nr_vcpus,
		"memory", (json_int_t)st->out_memory, "end",
		vm_end_name(st->out_end), "reason", st->out_reason, "pins",
		"ram", (json_int_t)pins->out_ram, "shadow",
		(json_int_t)pins->out_shadow, "vcpu",
		(json_int_t)pins->out_vcpu, "iommu",
		(json_int_t)pins->out_iommu, "bar", (json_int_t)pins->out_bar);

	if (json && st->out_end == VAMHOST_END_EXIT)
		json_object_set_new(json, "exit_value",
				    json_integer(st->out_exit_value));
	return json;
}

static void print_row(const struct vamhost_vm_status *st)
{
	printf("%4u  %-*s %-8s %5u %6llu MiB  ", st->out_vm_id,
	       VAMHOST_NAME_MAX - 1, st->out_name, vm_state_name(st->out_state),
	       st->out_nr_vcpus, (unsigned long long)st->out_memory >> 20);
	if (st->out_end == VAMHOST_END_EXIT)
		printf("exit value %u", st->out_exit_value);
	else
		fputs(st->out_reason, stdout);
	putchar('\n');
}

int verb_list(int argc, char **argv)
{
	struct vamhost_vm_next next = { .size = sizeof(next) };
	struct vamhost_vm_open open;
	struct vamhost_vm_status st;
	struct vamhost_vm_pins pins;
	struct arguments a;
	json_t *list = NULL;
	int dev, err, n = 0;

	parse_arguments(argc, argv, &a, 0, only_json, "Show all VMs.");
	dev = dev_open();
	if (dev < 0)
		return EXIT_FAILED;
	if (a.json)
		list = json_array();
	while (!ioctl(dev, VAMHOST_VM_NEXT, &next)) {
		next.after = next.out_vm_id;
		open = (struct vamhost_vm_open){ .size = sizeof(open),
						 .vm_id = next.out_vm_id };
		/* Gone since: not worth a word. */
		if (ioctl(dev, VAMHOST_VM_OPEN, &open))
			continue;
		err = get_status(open.out_fd, &st, &pins);
		close(open.out_fd);
		if (err)
			return EXIT_FAILED;
		if (a.json) {
			json_array_append_new(list, status_json(&st, &pins));
			continue;
		}
		if (!n++)
			printf("%4s  %-*s %-8s %5s %10s  %s\n", "ID",
			       VAMHOST_NAME_MAX - 1, "NAME", "STATE", "VCPUS",
			       "MEMORY", "END");
		print_row(&st);
	}
	if (errno != ENOENT) {
		complain("cannot list the VMs: %s", strerror(errno));
		return EXIT_FAILED;
	}
	close(dev);
	return (a.json ? out_json(list) : out_flush()) ? EXIT_FAILED : EXIT_OK;
}

int verb_status(int argc, char **argv)
{
	struct vamhost_vm_status st;
	struct vamhost_vm_pins pins;
	struct arguments a;
	int vm;

	parse_arguments(argc, argv, &a, TAKES_VM, only_json,
			"Show how a VM is.");
	vm = vm_open(a.vms[0]);
	if (vm < 0 || get_status(vm, &st, &pins))
		return EXIT_FAILED;
	if (a.json)
		return out_json(status_json(&st, &pins)) ? EXIT_FAILED :
							   EXIT_OK;
	printf("name:     %s\n", st.out_name);
	printf("id:       %u\n", st.out_vm_id);
	printf("state:    %s\n", vm_state_name(st.out_state));
	if (st.out_end == VAMHOST_END_EXIT)
		printf("end:      the guest ended itself with value %u\n",
		       st.out_exit_value);
	else if (st.out_end != VAMHOST_END_NONE)
		printf("end:      %s: %s\n", vm_end_name(st.out_end),
		       st.out_reason);
	printf("vcpus:    %u\n", st.out_nr_vcpus);
	printf("memory:   %" PRIu64 " MiB\n", (uint64_t)st.out_memory >> 20);
	printf("pages:    %" PRIu64 " ram, %" PRIu64 " shadow, %" PRIu64
	       " vcpu, %" PRIu64 " iommu, %" PRIu64 " bar\n",
	       (uint64_t)pins.out_ram, (uint64_t)pins.out_shadow,
	       (uint64_t)pins.out_vcpu, (uint64_t)pins.out_iommu,
	       (uint64_t)pins.out_bar);
	return out_flush() ? EXIT_FAILED : EXIT_OK;
}

/* --- stat, info --- */

static int get_info(int dev, struct vamhost_info *info)
{
	*info = (struct vamhost_info){ .size = sizeof(*info) };
	return vm_call(dev, VAMHOST_INFO, info, "ask the module what it is");
}

int verb_stat(int argc, char **argv)
{
	static const struct argp_option options[] = {
		OPTION_JSON,
		{ "all", 'a', 0, 0, "also counters that are 0" },
		{ "vcpu", KEY_VCPU, "N", 0, "of one vCPU, not of the VM" },
		{ 0 }
	};
	struct vamhost_stat_name name = { .size = sizeof(name) };
	struct vamhost_vm_stat stat = { .size = sizeof(stat) };
	struct vamhost_info info;
	struct arguments a;
	json_t *json = NULL;
	uint64_t *values;
	uint32_t i;
	int dev, vm;

	parse_arguments(argc, argv, &a, TAKES_VM, options,
			"Show a VM's counters.");
	dev = dev_open();
	if (dev < 0 || get_info(dev, &info))
		return EXIT_FAILED;
	values = calloc(info.out_stats, sizeof(*values));
	if (!values)
		return complain("out of memory"), EXIT_FAILED;
	vm = vm_open(a.vms[0]);
	stat.vcpu = a.vcpu;
	stat.count = info.out_stats;
	stat.user_va = (uintptr_t)values;
	if (vm < 0)
		return EXIT_FAILED;
	if (ioctl(vm, VAMHOST_VM_STAT, &stat)) {
		if (errno == ENOENT)
			complain("VM '%s' has no vCPU %u", a.vms[0], a.vcpu);
		else
			complain("cannot read the counters: %s",
				 strerror(errno));
		return EXIT_FAILED;
	}
	if (a.json)
		json = json_object();
	for (i = 0; i < info.out_stats; i++) {
		name.index = i;
		if (vm_call(dev, VAMHOST_STAT_NAME, &name, "name a counter"))
			return EXIT_FAILED;
		if (a.json)
			json_object_set_new(json, name.out_name,
					    json_integer(values[i]));
		else if (values[i] || a.all)
			printf("%-*s %" PRIu64 "\n", VAMHOST_NAME_MAX - 8,
			       name.out_name, values[i]);
	}
	return (a.json ? out_json(json) : out_flush()) ? EXIT_FAILED : EXIT_OK;
}

int verb_info(int argc, char **argv)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} features[] = {
		{ VAMHOST_FEATURE_INSN_LEN, "insn-len" },
		{ VAMHOST_FEATURE_INSN_BYTES, "insn-bytes" },
		{ VAMHOST_FEATURE_NESTED_PAGING, "nested-paging" },
	};
	struct vamhost_info info;
	struct arguments a;
	json_t *list;
	size_t i;
	int dev;

	parse_arguments(argc, argv, &a, 0, only_json,
			"Show what the loaded module is.");
	dev = dev_open();
	if (dev < 0 || get_info(dev, &info))
		return EXIT_FAILED;
	list = json_array();
	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (info.out_features & features[i].bit)
			json_array_append_new(list,
					      json_string(features[i].name));
	if (a.json)
		return out_json(json_pack(
			       "{s:s, s:i, s:s, s:i, s:i, s:o}", "version",
			       info.out_version, "abi", (int)info.out_abi,
			       "backend", info.out_backend, "vms",
			       (int)info.out_vms, "vcpus_max",
			       (int)info.out_vcpus_max, "features", list)) ?
			       EXIT_FAILED :
			       EXIT_OK;
	printf("version:   %s, interface %u\n", info.out_version, info.out_abi);
	printf("backend:   %s\n", info.out_backend);
	printf("features: ");
	for (i = 0; i < json_array_size(list); i++)
		printf(" %s", json_string_value(json_array_get(list, i)));
	printf("\nVMs:       %u\n", info.out_vms);
	return out_flush() ? EXIT_FAILED : EXIT_OK;
}

/* --- doing something to VMs --- */

/* Apply one command without fields to each VM named; go on after a failure. */
static int for_each_vm(const struct arguments *a, unsigned long request,
		       const char *verb)
{
	struct {
		uint32_t size;
		uint32_t flags;
	} arg = { .size = sizeof(arg) };
	char what[64];
	int vm, rc = EXIT_OK;
	size_t i;

	for (i = 0; i < a->nr_vms; i++) {
		snprintf(what, sizeof(what), "%s VM '%.31s'", verb, a->vms[i]);
		vm = vm_open(a->vms[i]);
		if (vm < 0 || vm_call(vm, request, &arg, what))
			rc = EXIT_FAILED;
		if (vm >= 0)
			close(vm);
	}
	return rc;
}

int verb_pause(int argc, char **argv)
{
	struct arguments a;

	parse_arguments(argc, argv, &a, TAKES_VMS, no_options,
			"Let running VMs stand still.");
	return for_each_vm(&a, VAMHOST_VM_PAUSE, "pause");
}

int verb_resume(int argc, char **argv)
{
	struct arguments a;

	parse_arguments(argc, argv, &a, TAKES_VMS, no_options,
			"Let paused VMs go on.");
	return for_each_vm(&a, VAMHOST_VM_RESUME, "resume");
}

int verb_rm(int argc, char **argv)
{
	struct arguments a;

	parse_arguments(argc, argv, &a, TAKES_VMS, no_options,
			"Destroy VMs, dead or alive.");
	return for_each_vm(&a, VAMHOST_VM_DESTROY, "remove");
}

int verb_kill(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "reason", KEY_REASON, "TEXT", 0,
		  "sentence to show as the VM's end" },
		{ 0 }
	};
	struct vamhost_vm_kill kill = { .size = sizeof(kill) };
	struct arguments a;
	int vm, rc = EXIT_OK;
	size_t i;

	parse_arguments(argc, argv, &a, TAKES_VMS, options,
			"End VMs. They can be looked at until ddctl rm.");
	strcpy(kill.reason, a.reason);
	for (i = 0; i < a.nr_vms; i++) {
		vm = vm_open(a.vms[i]);
		if (vm < 0 || vm_call(vm, VAMHOST_VM_KILL, &kill, "kill it"))
			rc = EXIT_FAILED;
		if (vm >= 0)
			close(vm);
	}
	return rc;
}

int verb_wait(int argc, char **argv)
{
	static const struct argp_option options[] = {
		OPTION_JSON,
		{ "timeout", 't', "S", 0,
		  "give up after S seconds, exit with 124" },
		{ 0 }
	};
	struct vamhost_vm_wait wait = { .size = sizeof(wait) };
	struct vamhost_vm_status st;
	struct vamhost_vm_pins pins;
	struct arguments a;
	int vm;

	parse_arguments(argc, argv, &a, TAKES_VM, options,
			"Wait until a VM is dead, say why.");
	vm = vm_open(a.vms[0]);
	if (vm < 0)
		return EXIT_FAILED;
	wait.timeout_ms = a.timeout_ms;
	if (ioctl(vm, VAMHOST_VM_WAIT, &wait)) {
		if (errno == ETIMEDOUT)
			return EXIT_TIMEOUT;
		complain("cannot wait: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (get_status(vm, &st, &pins))
		return EXIT_FAILED;
	if (a.json)
		return out_json(status_json(&st, &pins)) ? EXIT_FAILED :
							   EXIT_OK;
	if (wait.out_end == VAMHOST_END_EXIT)
		printf("exit value %u\n", wait.out_exit_value);
	else
		printf("%s: %s\n", vm_end_name(wait.out_end), wait.out_reason);
	return out_flush() ? EXIT_FAILED : EXIT_OK;
}

int verb_console(int argc, char **argv)
{
	static const struct argp_option options[] = {
		OPTION_JSON,
		{ "follow", 'f', 0, 0, "go on until the VM is dead" },
		{ 0 }
	};
	struct vamhost_console_read read = { .size = sizeof(read) };
	uint64_t lost = 0;
	struct pollfd pfd;
	struct arguments a;
	char buffer[16384], *all = NULL;
	bool dead = false;
	size_t size;
	FILE *f = stdout;
	int vm;

	parse_arguments(argc, argv, &a, TAKES_VM, options,
			"Print what a VM wrote to its serial port and is still "
			"kept.");
	vm = vm_open(a.vms[0]);
	if (a.json)
		f = open_memstream(&all, &size);
	if (vm < 0 || !f)
		return EXIT_FAILED;
	for (;;) {
		read.user_va = (uintptr_t)buffer;
		read.length = sizeof(buffer);
		if (vm_call(vm, VAMHOST_CONSOLE_READ, &read, "read it"))
			return EXIT_FAILED;
		read.pos = read.out_pos;
		lost += read.out_lost;
		fwrite(buffer, 1, read.out_length, f);
		if (read.out_length)
			continue;
		if (!a.follow || dead)
			break;
		if (fflush(f) || ferror(f))
			break;
		pfd = (struct pollfd){ .fd = vm, .events = POLLIN };
		/* Once more after its death, for its last words. */
		if (poll(&pfd, 1, -1) > 0)
			dead = pfd.revents & (POLLHUP | POLLERR);
	}
	if (!a.json)
		return out_flush() ? EXIT_FAILED : EXIT_OK;
	fclose(f);
	return out_json(json_pack("{s:o, s:I}", "console", out_bytes(all, size),
				  "lost", (json_int_t)lost)) ?
		       EXIT_FAILED :
		       EXIT_OK;
}
