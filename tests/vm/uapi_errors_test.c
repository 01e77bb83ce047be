// SPDX-License-Identifier: GPL-2.0
/*
 * uapi_errors_test.c - every command answers every wrong call with the errno
 * that vamhost.h promises, and nothing is left behind
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "vmtest.h"

static const struct command {
	const char *name;
	unsigned long request;
	size_t size;
	bool on_vm;
	size_t reserved; /* offset of a field that must be 0, or 0 */
} commands[] = {
#define DEVICE(cmd, type, ...)                                       \
	{                                                            \
#cmd, cmd, sizeof(struct type), false, ##__VA_ARGS__ \
	}
#define VM(cmd, type, ...)                                          \
	{                                                           \
#cmd, cmd, sizeof(struct type), true, ##__VA_ARGS__ \
	}
	DEVICE(VAMHOST_INFO, vamhost_info),
	DEVICE(VAMHOST_VM_CREATE, vamhost_vm_create),
	DEVICE(VAMHOST_VM_OPEN, vamhost_vm_open,
	       offsetof(struct vamhost_vm_open, reserved)),
	DEVICE(VAMHOST_VM_NEXT, vamhost_vm_next),
	DEVICE(VAMHOST_STAT_NAME, vamhost_stat_name,
	       offsetof(struct vamhost_stat_name, reserved)),
	VM(VAMHOST_VM_STATUS, vamhost_vm_status),
	VM(VAMHOST_VM_START, vamhost_vm_start),
	VM(VAMHOST_VM_PAUSE, vamhost_vm_pause),
	VM(VAMHOST_VM_RESUME, vamhost_vm_resume),
	VM(VAMHOST_VM_KILL, vamhost_vm_kill),
	VM(VAMHOST_VM_WAIT, vamhost_vm_wait,
	   offsetof(struct vamhost_vm_wait, reserved)),
	VM(VAMHOST_VM_DESTROY, vamhost_vm_destroy),
	VM(VAMHOST_VM_STAT, vamhost_vm_stat,
	   offsetof(struct vamhost_vm_stat, reserved)),
	VM(VAMHOST_VM_PINS, vamhost_vm_pins),
	VM(VAMHOST_VCPU_GET_STATE, vamhost_vcpu_state,
	   offsetof(struct vamhost_vcpu_state, reserved)),
	VM(VAMHOST_VCPU_SET_STATE, vamhost_vcpu_state,
	   offsetof(struct vamhost_vcpu_state, reserved)),
	VM(VAMHOST_CONSOLE_READ, vamhost_console_read),
	VM(VAMHOST_CONSOLE_WRITE, vamhost_console_write),
#undef DEVICE
#undef VM
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* The call's errno, 0 for success. */
static int try(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? errno : 0;
}

/* Try a broken struct with each command; complain by the command's name. */
static void expect_all(int vm, int errno_wanted,
		       void *(*breaks)(const struct command *c, void *buffer))
{
	static unsigned char buffer[8192];
	const struct command *c;
	void *arg;
	int err;

	for (c = commands; c < commands + N_COMMANDS; c++) {
		memset(buffer, 0, sizeof(buffer));
		*(uint32_t *)buffer = c->size;
		arg = breaks(c, buffer);
		if (!arg)
			continue;
		err = try(c->on_vm ? vm : device(), c->request, arg);
		if (err != errno_wanted)
			tap_fail(__FILE__, __LINE__, "%s: errno %d, not %d",
				 c->name, err, errno_wanted);
	}
}

static void *size_zero(const struct command *c, void *buffer)
{
	*(uint32_t *)buffer = 0;
	return buffer;
}

static void *size_one_less(const struct command *c, void *buffer)
{
	*(uint32_t *)buffer = c->size - 1;
	return buffer;
}

static void *size_too_large(const struct command *c, void *buffer)
{
	*(uint32_t *)buffer = 4097;
	return buffer;
}

static void *size_enormous(const struct command *c, void *buffer)
{
	*(uint32_t *)buffer = 0xffffffff;
	return buffer;
}

static void *non_zero_tail(const struct command *c, void *buffer)
{
	*(uint32_t *)buffer = c->size + 64;
	((char *)buffer)[c->size + 63] = 1;
	return buffer;
}

static void *unknown_flag(const struct command *c, void *buffer)
{
	((uint32_t *)buffer)[1] = 1;
	return buffer;
}

static void *highest_flag(const struct command *c, void *buffer)
{
	((uint32_t *)buffer)[1] = 0x80000000;
	return buffer;
}

static void *reserved_field(const struct command *c, void *buffer)
{
	if (!c->reserved)
		return NULL;
	*(uint32_t *)((char *)buffer + c->reserved) = 1;
	return buffer;
}

static void *unmapped(const struct command *c, void *buffer)
{
	return (void *)0x1000;
}

static void *in_the_kernel(const struct command *c, void *buffer)
{
	return (void *)0xffff888000000000;
}

/* Ends where the mapped page ends, so that the last byte is missing. */
static void *half_mapped(const struct command *c, void *buffer)
{
	static char *page;
	char *arg;

	if (!page)
		page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(page + 4096, 4096, PROT_NONE);
	arg = page + 4096 - c->size + 4;
	memset(arg, 0, c->size - 4);
	*(uint32_t *)arg = c->size;
	return arg;
}

static void expect_on_new_vm(int errno_wanted,
			     void *(*breaks)(const struct command *, void *))
{
	struct vm vm;

	ASSERT_EQ(vm_create(&vm, "errors", 1), 0);
	expect_all(vm.fd, errno_wanted, breaks);
	EXPECT_EQ(vm_state(&vm), VAMHOST_VM_CREATED);
	EXPECT_EQ(count_vms(), 1);
	vm_finish(&vm);
}

TEST(a_size_of_zero_is_einval)
{
	expect_on_new_vm(EINVAL, size_zero);
}

TEST(a_size_one_too_small_is_einval)
{
	expect_on_new_vm(EINVAL, size_one_less);
}

TEST(a_size_above_4096_is_einval)
{
	expect_on_new_vm(EINVAL, size_too_large);
	expect_on_new_vm(EINVAL, size_enormous);
}

TEST(a_tail_that_is_not_zero_is_e2big)
{
	expect_on_new_vm(E2BIG, non_zero_tail);
}

TEST(an_unknown_flag_is_eopnotsupp)
{
	expect_on_new_vm(EOPNOTSUPP, unknown_flag);
	expect_on_new_vm(EOPNOTSUPP, highest_flag);
}

TEST(a_reserved_field_that_is_not_zero_is_einval)
{
	expect_on_new_vm(EINVAL, reserved_field);
}

TEST(an_address_that_cannot_be_read_is_efault)
{
	expect_on_new_vm(EFAULT, unmapped);
	expect_on_new_vm(EFAULT, in_the_kernel);
	expect_on_new_vm(EFAULT, half_mapped);
}

TEST(a_tail_of_zeros_is_accepted)
{
	struct {
		struct vamhost_info info;
		char tail[64];
	} arg = { .info.size = sizeof(arg) };

	EXPECT_EQ(try(device(), VAMHOST_INFO, &arg), 0);
	EXPECT_EQ(arg.info.out_abi, VAMHOST_ABI);
	EXPECT_EQ(arg.info.out_vcpus_max, VAMHOST_VCPUS_MAX);
	EXPECT(arg.info.out_backend[0] != '\0');
}

TEST(a_command_that_is_not_there_is_enotty)
{
	uint32_t header[2] = { 8, 0 };
	size_t i;
	struct vm vm;

	ASSERT_EQ(vm_create(&vm, "errors", 1), 0);
	for (i = 0; i < N_COMMANDS; i++)
		EXPECT_EQ(try(commands[i].on_vm ? device() : vm.fd,
			      commands[i].request, header),
			  ENOTTY);
	EXPECT_EQ(try(device(), _IO(VAMHOST_IOC, 0xff), header), ENOTTY);
	EXPECT_EQ(try(vm.fd, _IO(VAMHOST_IOC, 0xff), header), ENOTTY);
	EXPECT_EQ(try(vm.fd, _IO(0xae, 0x40), header), ENOTTY);
	EXPECT_EQ(try(vm.fd, _IOWR(VAMHOST_IOC, 0x40, uint32_t), header),
		  ENOTTY);
	vm_finish(&vm);
}

/* --- VM_CREATE --- */

static int create_with(struct vamhost_vm_create *create)
{
	int err;

	create->size = sizeof(*create);
	err = try(device(), VAMHOST_VM_CREATE, create);
	if (!err)
		close(create->out_fd);
	return err;
}

#define GOOD_VM .memory = MEMORY, .nr_vcpus = 1, .node = -1, .name = "good"

#define EXPECT_CREATE_EINVAL(...)                                      \
	do {                                                           \
		struct vamhost_vm_create c = { GOOD_VM };              \
		__VA_ARGS__;                                           \
		if (create_with(&c) != EINVAL)                         \
			tap_fail(__FILE__, __LINE__, "not EINVAL: %s", \
				 #__VA_ARGS__);                        \
	} while (0)

TEST(creation_refuses_bad_names)
{
	EXPECT_CREATE_EINVAL(memset(c.name, 0, 32));
	EXPECT_CREATE_EINVAL(memset(c.name, 'x', 32));
	EXPECT_CREATE_EINVAL(strcpy(c.name, "a/b"));
	EXPECT_CREATE_EINVAL(strcpy(c.name, ".."));
	EXPECT_CREATE_EINVAL(strcpy(c.name, "a b"));
	EXPECT_CREATE_EINVAL(strcpy(c.name, "a\nb"));
	EXPECT_CREATE_EINVAL(strcpy(c.name, "%s%n"));
	EXPECT_CREATE_EINVAL(strcpy(c.name, "\xc3\xa4"));
	EXPECT_EQ(count_vms(), 0);
}

TEST(creation_refuses_bad_numbers)
{
	EXPECT_CREATE_EINVAL(c.memory = 0);
	EXPECT_CREATE_EINVAL(c.memory = 4096);
	EXPECT_CREATE_EINVAL(c.memory = MEMORY + 1);
	EXPECT_CREATE_EINVAL(c.memory = (1ull << 40) + 4096);
	EXPECT_CREATE_EINVAL(c.memory = ~4095ull);
	EXPECT_CREATE_EINVAL(c.nr_vcpus = 0);
	EXPECT_CREATE_EINVAL(c.nr_vcpus = VAMHOST_VCPUS_MAX + 1);
	EXPECT_CREATE_EINVAL(c.nr_vcpus = 0xffffffff);
	EXPECT_CREATE_EINVAL(c.node = 1000000);
	EXPECT_CREATE_EINVAL(c.node = -2);
	EXPECT_CREATE_EINVAL(c.console_size = 5000);
	EXPECT_CREATE_EINVAL(c.console_size = 2048);
	EXPECT_CREATE_EINVAL(c.console_size = 1u << 31);
	EXPECT_EQ(count_vms(), 0);
	EXPECT(ledger_is_zero());
}

TEST(creation_with_more_memory_than_there_is_fails_without_a_trace)
{
	struct vamhost_vm_create create = { GOOD_VM };
	int err;

	create.memory = 1ull << 39;
	err = create_with(&create);
	EXPECT_EQ(err, ENOMEM);
	EXPECT_EQ(count_vms(), 0);
	EXPECT(ledger_is_zero());
}

TEST(an_answer_that_cannot_be_delivered_leaves_no_vm_and_no_descriptor)
{
	struct vamhost_vm_create *create;
	int before, after;

	create = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(create != MAP_FAILED);
	*create = (struct vamhost_vm_create){ GOOD_VM };
	create->size = sizeof(*create);
	mprotect(create, 4096, PROT_READ);
	before = dup(0);
	close(before);
	EXPECT_EQ(try(device(), VAMHOST_VM_CREATE, create), EFAULT);
	after = dup(0);
	close(after);
	EXPECT_EQ(before, after);
	EXPECT_EQ(count_vms(), 0);
	EXPECT(ledger_is_zero());
	munmap(create, 4096);
}

TEST(creation_without_a_free_descriptor_leaves_no_vm)
{
	struct vamhost_vm_create create = { GOOD_VM };
	struct rlimit old, low;

	device();
	ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = dup(0);
	close(low.rlim_cur);
	ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
	EXPECT_EQ(create_with(&create), EMFILE);
	setrlimit(RLIMIT_NOFILE, &old);
	EXPECT_EQ(count_vms(), 0);
	EXPECT(ledger_is_zero());
}

TEST(a_name_can_be_taken_only_once)
{
	struct vamhost_vm_create create = { GOOD_VM };
	struct vm vm;

	ASSERT_EQ(vm_create(&vm, "good", 1), 0);
	EXPECT_EQ(create_with(&create), EEXIST);
	EXPECT_EQ(count_vms(), 1);
	vm_finish(&vm);
	ASSERT_EQ(vm_create(&vm, "good", 1), 0);
	vm_finish(&vm);
}

/* --- VM_OPEN, VM_NEXT, STAT_NAME --- */

TEST(open_finds_a_vm_by_name_or_number_and_nothing_else)
{
	struct vamhost_vm_open open = { .size = sizeof(open) };
	struct vm vm;
	int fd;

	ASSERT_EQ(vm_create(&vm, "openme", 1), 0);
	fd = vm_open(vm.id, NULL);
	EXPECT(fd >= 0);
	close(fd);
	fd = vm_open(0, "openme");
	EXPECT(fd >= 0);
	close(fd);
	EXPECT_EQ(vm_open(0, "openm"), -ENOENT);
	EXPECT_EQ(vm_open(0, ""), -ENOENT);
	EXPECT_EQ(vm_open(vm.id + 1, NULL), -ENOENT);
	EXPECT_EQ(vm_open(0xffffffff, NULL), -ENOENT);
	EXPECT_EQ(vm_open(vm.id, "openme"), -EINVAL);
	memset(open.name, 'x', sizeof(open.name));
	EXPECT_EQ(try(device(), VAMHOST_VM_OPEN, &open), EINVAL);
	vm_finish(&vm);
	EXPECT_EQ(vm_open(0, "openme"), -ENOENT);
}

TEST(next_walks_over_all_vms_in_order_and_ends)
{
	struct vamhost_vm_next next = { .size = sizeof(next) };
	struct vm vms[3];
	char name[8];
	int i;

	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "next%d", i);
		ASSERT_EQ(vm_create(&vms[i], name, 1), 0);
	}
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(try(device(), VAMHOST_VM_NEXT, &next), 0);
		EXPECT_EQ(next.out_vm_id, vms[i].id);
		next.after = next.out_vm_id;
	}
	EXPECT_EQ(try(device(), VAMHOST_VM_NEXT, &next), ENOENT);
	next.after = 0xffffffff;
	EXPECT_EQ(try(device(), VAMHOST_VM_NEXT, &next), ENOENT);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(vm_destroy(&vms[i]), 0);
		vm_close(&vms[i]);
	}
	EXPECT(ledger_is_zero());
}

TEST(every_counter_has_a_name_of_its_own)
{
	struct vamhost_info info = { .size = sizeof(info) };
	struct vamhost_stat_name name = { .size = sizeof(name) };
	char names[256][VAMHOST_NAME_MAX];
	uint32_t i, j;

	ASSERT_EQ(try(device(), VAMHOST_INFO, &info), 0);
	ASSERT(info.out_stats > 0 && info.out_stats <= 256);
	for (i = 0; i < info.out_stats; i++) {
		name.index = i;
		ASSERT_EQ(try(device(), VAMHOST_STAT_NAME, &name), 0);
		ASSERT(name.out_name[0] && memchr(name.out_name, 0, 32));
		strcpy(names[i], name.out_name);
		for (j = 0; j < i; j++)
			EXPECT(strcmp(names[i], names[j]) != 0);
	}
	name.index = info.out_stats;
	EXPECT_EQ(try(device(), VAMHOST_STAT_NAME, &name), ENOENT);
	name.index = 0xffffffff;
	EXPECT_EQ(try(device(), VAMHOST_STAT_NAME, &name), ENOENT);
}

/* --- commands with addresses and numbers in them --- */

TEST(stat_checks_vcpu_and_address)
{
	uint64_t values[256];
	struct vamhost_vm_stat stat = {
		.size = sizeof(stat),
		.count = 256,
		.user_va = (uintptr_t)values,
	};
	struct vm vm;

	ASSERT_EQ(vm_create(&vm, "stat", 2), 0);
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_STAT, &stat), 0);
	EXPECT(stat.out_count > 0 && stat.out_count < 256);
	stat.vcpu = 1;
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_STAT, &stat), 0);
	stat.vcpu = 2;
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_STAT, &stat), ENOENT);
	stat.vcpu = VAMHOST_STAT_TOTAL - 1;
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_STAT, &stat), ENOENT);
	stat.vcpu = VAMHOST_STAT_TOTAL;
	stat.user_va = 0x1000;
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_STAT, &stat), EFAULT);
	stat.user_va = 0xffff888000000000;
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_STAT, &stat), EFAULT);
	stat.user_va = (uintptr_t)values + 4;
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_STAT, &stat), EINVAL);
	/* No room is not an error: it asks how much is needed. */
	stat.user_va = 0;
	stat.count = 0;
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_STAT, &stat), 0);
	vm_finish(&vm);
}

TEST(console_commands_check_their_address)
{
	struct vamhost_console_read read = {
		.size = sizeof(read),
		.user_va = 0x1000,
		.length = 4096,
	};
	struct vamhost_console_write write = {
		.size = sizeof(write),
		.user_va = 0x1000,
		.length = 1,
	};
	char c;
	struct vm vm;
	int i;

	ASSERT_EQ(vm_run(&vm, "console", GUEST_PRINT), 0);
	for (i = 0; i < 1000 && !vm.ram[COUNTER_AT]; i++)
		sleep_ms(5);
	ASSERT(vm.ram[COUNTER_AT]);
	EXPECT_EQ(try(vm.fd, VAMHOST_CONSOLE_READ, &read), EFAULT);
	EXPECT_EQ(try(vm.fd, VAMHOST_CONSOLE_WRITE, &write), EFAULT);
	write.user_va = 0xffff888000000000;
	EXPECT_EQ(try(vm.fd, VAMHOST_CONSOLE_WRITE, &write), EFAULT);
	read.user_va = (uintptr_t)&c;
	read.length = 1;
	EXPECT_EQ(try(vm.fd, VAMHOST_CONSOLE_READ, &read), 0);
	EXPECT_EQ(read.out_length, 1);
	EXPECT_EQ(c, 'A');
	/* Far behind the end is the end. */
	read.pos = 1ull << 60;
	EXPECT_EQ(try(vm.fd, VAMHOST_CONSOLE_READ, &read), 0);
	EXPECT(read.out_pos < 1ull << 60);
	vm_finish(&vm);
}

TEST(a_reason_must_be_a_printable_string)
{
	struct vamhost_vm_kill kill = { .size = sizeof(kill) };
	struct vm vm;

	ASSERT_EQ(vm_create(&vm, "kill", 1), 0);
	memset(kill.reason, 'x', sizeof(kill.reason));
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_KILL, &kill), EINVAL);
	strcpy(kill.reason, "two\nlines");
	EXPECT_EQ(try(vm.fd, VAMHOST_VM_KILL, &kill), EINVAL);
	EXPECT_EQ(vm_state(&vm), VAMHOST_VM_CREATED);
	vm_finish(&vm);
}

TEST(mappings_outside_memory_are_refused)
{
	struct vm vm;
	void *p;

	ASSERT_EQ(vm_create(&vm, "map", 1), 0);
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, vm.fd, MEMORY);
	EXPECT(p == MAP_FAILED);
	p = mmap(NULL, MEMORY, PROT_READ, MAP_SHARED, vm.fd, 4096);
	EXPECT(p == MAP_FAILED);
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, vm.fd, 0x7ffffffffffff000);
	EXPECT(p == MAP_FAILED);
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, vm.fd, 0);
	EXPECT(p == MAP_FAILED);
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, device(), 0);
	EXPECT(p == MAP_FAILED);
	/* The last page is there, and mremap() cannot reach behind it. */
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vm.fd,
		 MEMORY - 4096);
	ASSERT(p != MAP_FAILED);
	memset(p, 1, 4096);
	EXPECT(mremap(p, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED);
	munmap(p, 4096);
	vm_finish(&vm);
}

/* --- waiting --- */

static void ignore(int sig)
{
}

static void *interrupt(void *thread)
{
	sleep_ms(100);
	pthread_kill(*(pthread_t *)thread, SIGUSR1);
	return NULL;
}

TEST(wait_ends_in_time_or_by_a_signal)
{
	struct sigaction action = { .sa_handler = ignore };
	pthread_t self = pthread_self(), thread;
	uint64_t start;
	struct vm vm;

	ASSERT_EQ(vm_create(&vm, "wait", 1), 0);
	EXPECT_EQ(vm_wait(&vm, 0, NULL), -ETIMEDOUT);
	start = now_ms();
	EXPECT_EQ(vm_wait(&vm, 50, NULL), -ETIMEDOUT);
	EXPECT(now_ms() - start >= 49);
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, interrupt, &self);
	EXPECT_EQ(vm_wait(&vm, VAMHOST_WAIT_FOREVER, NULL), -EINTR);
	pthread_join(thread, NULL);
	vm_finish(&vm);
}

/* --- who may --- */

TEST(the_device_is_for_those_with_cap_sys_admin)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { { 0 } };
	int status, fd;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (syscall(SYS_capget, &header, data))
			_exit(2);
		data[0].effective &= ~(1u << CAP_SYS_ADMIN);
		if (syscall(SYS_capset, &header, data))
			_exit(2);
		fd = open("/dev/vamhost", O_RDWR);
		_exit(fd < 0 && errno == EPERM ? 0 : 1);
	}
	ASSERT(waitpid(pid, &status, 0) == pid);
	EXPECT_EQ(status, 0);
}

/* --- registers --- */

#define EXPECT_STATE(errno_wanted, ...)                                 \
	do {                                                            \
		struct vamhost_vcpu_state s;                            \
		int e;                                                  \
		flat_state(&s, 0, CODE_AT);                             \
		__VA_ARGS__;                                            \
		e = try(vm.fd, VAMHOST_VCPU_SET_STATE, &s);             \
		if (e != (errno_wanted))                                \
			tap_fail(__FILE__, __LINE__, "errno %d: %s", e, \
				 #__VA_ARGS__);                         \
	} while (0)

TEST(registers_that_cannot_be_are_refused)
{
	struct vamhost_vcpu_state before, after;
	struct vm vm;

	ASSERT_EQ(vm_create(&vm, "regs", 2), 0);
	ASSERT_EQ(vm_set_flat_state(vm.fd, 0, CODE_AT), 0);
	before = (struct vamhost_vcpu_state){ .size = sizeof(before) };
	ASSERT_EQ(try(vm.fd, VAMHOST_VCPU_GET_STATE, &before), 0);

	EXPECT_STATE(ENOENT, s.vcpu = 2);
	EXPECT_STATE(ENOENT, s.vcpu = 0xffffffff);
	EXPECT_STATE(EINVAL, s.run = 3);
	EXPECT_STATE(EINVAL, s.blocked = 4);
	EXPECT_STATE(EINVAL, s.reserved = 1);
	EXPECT_STATE(EINVAL, s.rflags = 1ull << 32);
	EXPECT_STATE(EINVAL, s.rflags = 1ull << 15);
	EXPECT_STATE(EINVAL, s.cr0 = 1ull << 63);
	EXPECT_STATE(EINVAL, s.cr0 = 0x80000010); /* PG without PE */
	EXPECT_STATE(EINVAL, s.cr0 = 0x20000011); /* NW without CD */
	EXPECT_STATE(EINVAL, s.cr0 |= 1u << 6);
	EXPECT_STATE(EINVAL, s.cr3 = 1ull << 63);
	EXPECT_STATE(EINVAL, s.cr4 = 1ull << 63);
	EXPECT_STATE(EINVAL, s.cr4 = 1u << 13); /* VMXE */
	EXPECT_STATE(EINVAL, s.cr4 = 1u << 17); /* PCIDE outside long mode */
	EXPECT_STATE(EINVAL, s.cr8 = 16);
	EXPECT_STATE(EINVAL, s.efer = 1u << 12); /* virtualization */
	EXPECT_STATE(EINVAL, s.efer = 1u << 10); /* LMA without LME */
	EXPECT_STATE(EINVAL, s.efer = 1ull << 40);
	EXPECT_STATE(EINVAL, s.efer = 0x100; s.cr0 |= 1u << 31);
	EXPECT_STATE(EINVAL, s.xcr0 = 2); /* without x87 */
	EXPECT_STATE(EINVAL, s.xcr0 = 5); /* AVX without SSE */
	EXPECT_STATE(EINVAL, s.xcr0 = 0x27); /* a third of AVX-512 */
	EXPECT_STATE(EINVAL, s.xcr0 = ~0ull);
	EXPECT_STATE(EINVAL, s.dr6 = 1ull << 32);
	EXPECT_STATE(EINVAL, s.dr7 = 1ull << 32);
	EXPECT_STATE(EINVAL, s.lstar = 1ull << 62);
	EXPECT_STATE(EINVAL, s.cstar = 1ull << 62);
	EXPECT_STATE(EINVAL, s.kernel_gs_base = 1ull << 62);
	EXPECT_STATE(EINVAL, s.sysenter_esp = 1ull << 62);
	EXPECT_STATE(EINVAL, s.sysenter_eip = 1ull << 62);
	EXPECT_STATE(EINVAL, s.sysenter_cs = 1ull << 32);
	EXPECT_STATE(EINVAL, s.sfmask = 1ull << 32);
	EXPECT_STATE(EINVAL, s.tsc_aux = 1ull << 32);
	EXPECT_STATE(EINVAL, s.pat = 2);
	EXPECT_STATE(EINVAL, s.pat = 0x0807040600070406);
	EXPECT_STATE(EINVAL, s.seg[VAMHOST_DS].attr |= 0x100);
	EXPECT_STATE(EINVAL, s.seg[VAMHOST_DS].base = 1ull << 32);
	EXPECT_STATE(EINVAL, s.seg[VAMHOST_FS].base = 1ull << 62);
	EXPECT_STATE(EINVAL, s.seg[VAMHOST_GDTR].base = 1ull << 62);
	EXPECT_STATE(EINVAL, s.seg[VAMHOST_GDTR].limit = 0x10000);
	EXPECT_STATE(EINVAL, s.seg[VAMHOST_IDTR].selector = 8);

	/* Nothing of all that has got through. */
	after = (struct vamhost_vcpu_state){ .size = sizeof(after) };
	ASSERT_EQ(try(vm.fd, VAMHOST_VCPU_GET_STATE, &after), 0);
	EXPECT(!memcmp(&before, &after, sizeof(before)));
	vm_finish(&vm);
}

TEST(registers_read_back_as_they_were_written)
{
	struct vamhost_vcpu_state in, out = { .size = sizeof(out) };
	struct vm vm;
	int i;

	ASSERT_EQ(vm_create(&vm, "regs", 2), 0);
	flat_state(&in, 1, 0x12345678);
	out.vcpu = 1;
	for (i = 0; i < VAMHOST_NR_GPRS; i++)
		in.gpr[i] = 0x0101010101010101ull * (i + 1);
	in.run = VAMHOST_VCPU_HALTED;
	in.blocked = VAMHOST_BLOCKED_NMI;
	in.cr2 = 0xdead000;
	in.cr3 = 0x5000;
	in.cr4 = 0x20;
	in.efer = 0x901; /* NX, LME, SCE: legacy mode still */
	in.xcr0 = 1;
	in.dr[0] = 0x1000;
	in.dr[3] = 0x3000;
	in.dr7 = 0x401;
	in.star = 0x0023001000000000;
	in.lstar = 0xffffffff81000000;
	in.cstar = 0xffffffff82000000;
	in.sfmask = 0x47700;
	in.kernel_gs_base = 0xffff888000000000;
	in.sysenter_cs = 0x10;
	in.sysenter_esp = 0xfffffe0000001000;
	in.sysenter_eip = 0xffffffff83000000;
	in.pat = 0x0007050600070406;
	in.tsc_aux = 0x1001;
	in.seg[VAMHOST_FS].base = 0x7f0000001000;
	in.seg[VAMHOST_GDTR].base = 0xfffffe0000000000;
	in.seg[VAMHOST_GDTR].limit = 0x7f;
	in.seg[VAMHOST_IDTR].limit = 0xfff;
	ASSERT_EQ(try(vm.fd, VAMHOST_VCPU_SET_STATE, &in), 0);
	ASSERT_EQ(try(vm.fd, VAMHOST_VCPU_GET_STATE, &out), 0);
	for (i = 0; i < (int)(sizeof(in) / 4); i++)
		if (((uint32_t *)&in)[i] != ((uint32_t *)&out)[i])
			tap_fail(__FILE__, __LINE__,
				 "offset %d: wrote %#x, read %#x", 4 * i,
				 ((uint32_t *)&in)[i], ((uint32_t *)&out)[i]);
	vm_finish(&vm);
}

TAP_MAIN()
