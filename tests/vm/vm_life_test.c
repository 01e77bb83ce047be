// SPDX-License-Identifier: GPL-2.0
/*
 * vm_life_test.c - a VM can be taken through every state in every order, ends
 * for every reason, outlives its creator and its descriptors, and leaves
 * nothing behind
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "vmtest.h"

/* Bring a VM of a spinning or halted guest into a state. */
static int vm_in_state(struct vm *vm, int state, struct code code)
{
	int err = vm_create(vm, "life", 1);

	if (!err)
		err = vm_load(vm, 0, code);
	if (!err && state >= VAMHOST_VM_RUNNING) {
		err = vm_start(vm);
		sleep_ms(20); /* let it get into the guest */
	}
	if (!err && state == VAMHOST_VM_PAUSED)
		err = vm_pause(vm);
	if (!err && state == VAMHOST_VM_DEAD)
		err = vm_kill(vm, NULL);
	return err;
}

static const struct code guests[] = {
	GUEST_SPIN,
	GUEST_CLI_SPIN,
	GUEST_CLI_HLT,
	GUEST_COUNT,
};

#define N_GUESTS (sizeof(guests) / sizeof(guests[0]))

TEST(a_guest_that_exits_hands_over_its_value)
{
	struct vamhost_vm_wait wait;
	struct vm vm;

	ASSERT_EQ(vm_run(&vm, "exit", GUEST_EXIT_42), 0);
	ASSERT_EQ(vm_wait(&vm, 10000, &wait), 0);
	EXPECT_EQ(wait.out_end, VAMHOST_END_EXIT);
	EXPECT_EQ(wait.out_exit_value, 42);
	EXPECT_EQ(vm_state(&vm), VAMHOST_VM_DEAD);
	vm_finish(&vm);
}

TEST(a_triple_fault_kills_the_vm_with_a_sentence)
{
	struct vamhost_vm_wait wait;
	struct vm vm;

	ASSERT_EQ(vm_run(&vm, "triple", GUEST_TRIPLE_FAULT), 0);
	ASSERT_EQ(vm_wait(&vm, 10000, &wait), 0);
	EXPECT_EQ(wait.out_end, VAMHOST_END_KILLED);
	EXPECT(strlen(wait.out_reason) > 10);
	tap_note("%s", wait.out_reason);
	vm_finish(&vm);
}

TEST(each_command_succeeds_only_in_the_states_it_is_for)
{
	/* by state: created, running, paused, dead */
	static const struct {
		const char *name;
		unsigned long request;
		int wanted[4];
	} rows[] = {
		{ "start", VAMHOST_VM_START, { 0, -EBUSY, -EBUSY, -EBUSY } },
		{ "pause", VAMHOST_VM_PAUSE, { -EBUSY, 0, -EBUSY, -EBUSY } },
		{ "resume", VAMHOST_VM_RESUME, { -EBUSY, -EBUSY, 0, -EBUSY } },
		{ "destroy", VAMHOST_VM_DESTROY, { 0, 0, 0, 0 } },
	};
	unsigned int r, state;
	struct vm vm;
	int err;

	for (r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		for (state = 0; state < 4; state++) {
			err = vm_in_state(&vm, state, GUEST_SPIN);
			ASSERT_EQ(err, 0);
			err = vm_simple(vm.fd, rows[r].request);
			if (err != rows[r].wanted[state])
				tap_fail(__FILE__, __LINE__,
					 "%s in state %u: %d, not %d",
					 rows[r].name, state, err,
					 rows[r].wanted[state]);
			if (rows[r].request == VAMHOST_VM_DESTROY)
				EXPECT_EQ(vm_destroy(&vm), -ENOENT);
			else
				EXPECT_EQ(vm_destroy(&vm), 0);
			vm_close(&vm);
		}
	}
	EXPECT(ledger_is_zero());
}

TEST(registers_can_be_written_only_while_it_stands_still)
{
	struct vamhost_vcpu_state s = { .size = sizeof(s) };
	struct vm vm;

	ASSERT_EQ(vm_in_state(&vm, VAMHOST_VM_RUNNING, GUEST_SPIN), 0);
	EXPECT_EQ(vm_set_flat_state(vm.fd, 0, CODE_AT), -EBUSY);
	EXPECT(ioctl(vm.fd, VAMHOST_VCPU_GET_STATE, &s) && errno == EBUSY);
	ASSERT_EQ(vm_pause(&vm), 0);
	ASSERT_EQ(ioctl(vm.fd, VAMHOST_VCPU_GET_STATE, &s), 0);
	EXPECT_EQ(s.rip, CODE_AT);
	EXPECT_EQ(vm_set_flat_state(vm.fd, 0, CODE_AT), 0);
	ASSERT_EQ(vm_resume(&vm), 0);
	ASSERT_EQ(vm_kill(&vm, NULL), 0);
	EXPECT_EQ(vm_set_flat_state(vm.fd, 0, CODE_AT), -EBUSY);
	vm_finish(&vm);
}

TEST(a_paused_vm_can_be_sent_elsewhere)
{
	struct vamhost_vm_wait wait;
	struct vm vm;

	ASSERT_EQ(vm_in_state(&vm, VAMHOST_VM_PAUSED, GUEST_CLI_SPIN), 0);
	ASSERT_EQ(vm_load(&vm, 0, GUEST_EXIT_42), 0);
	ASSERT_EQ(vm_resume(&vm), 0);
	ASSERT_EQ(vm_wait(&vm, 10000, &wait), 0);
	EXPECT_EQ(wait.out_end, VAMHOST_END_EXIT);
	EXPECT_EQ(wait.out_exit_value, 42);
	vm_finish(&vm);
}

TEST(a_paused_vm_stands_still_and_goes_on)
{
	struct vm vm;
	int i;

	ASSERT_EQ(vm_run(&vm, "pause", GUEST_COUNT), 0);
	for (i = 0; i < 20; i++) {
		ASSERT(vm_makes_progress(&vm, 5000));
		ASSERT_EQ(vm_pause(&vm), 0);
		EXPECT_EQ(vm_state(&vm), VAMHOST_VM_PAUSED);
		EXPECT(!vm_makes_progress(&vm, 30));
		ASSERT_EQ(vm_resume(&vm), 0);
	}
	EXPECT(vm_makes_progress(&vm, 5000));
	vm_finish(&vm);
}

TEST(a_vm_can_be_killed_in_every_state_whatever_the_guest_does)
{
	struct vamhost_vm_wait wait;
	unsigned int g, state;
	struct vm vm;

	for (g = 0; g < N_GUESTS; g++) {
		for (state = 0; state < 3; state++) {
			ASSERT_EQ(vm_in_state(&vm, state, guests[g]), 0);
			EXPECT_EQ(vm_kill(&vm, "the test wants it"), 0);
			EXPECT_EQ(vm_wait(&vm, 5000, &wait), 0);
			EXPECT_EQ(wait.out_end, VAMHOST_END_USER);
			EXPECT(!strcmp(wait.out_reason, "the test wants it"));
			/* The first reason stays. */
			EXPECT_EQ(vm_kill(&vm, "again"), 0);
			EXPECT_EQ(vm_wait(&vm, 0, &wait), 0);
			EXPECT(!strcmp(wait.out_reason, "the test wants it"));
			vm_finish(&vm);
		}
	}
}

TEST(a_vm_can_be_destroyed_in_every_state_whatever_the_guest_does)
{
	unsigned int g, state;
	struct vm vm;

	for (g = 0; g < N_GUESTS; g++) {
		for (state = 0; state < 4; state++) {
			ASSERT_EQ(vm_in_state(&vm, state, guests[g]), 0);
			vm_finish(&vm);
		}
	}
}

TEST(a_spinning_guest_is_killed_soon)
{
	uint64_t start;
	struct vm vm;

	ASSERT_EQ(vm_run(&vm, "spin", GUEST_CLI_SPIN), 0);
	sleep_ms(200);
	start = now_ms();
	EXPECT_EQ(vm_destroy(&vm), 0);
	tap_note("destroyed in %d ms", (int)(now_ms() - start));
	EXPECT(now_ms() - start < 5000);
	vm_close(&vm);
	EXPECT(ledger_is_zero());
}

TEST(a_guest_that_spins_is_accounted_to_its_thread)
{
	unsigned long long before = 0, after = 0;
	struct vm vm;
	char line[512], path[300], *p;
	FILE *f;
	int pid, i;

	ASSERT_EQ(vm_run(&vm, "account", GUEST_CLI_SPIN), 0);
	/* Its thread is named after it. */
	f = popen("grep -l '^vam/account/0$' /proc/[0-9]*/comm", "r");
	ASSERT(f && fscanf(f, "/proc/%d/comm", &pid) == 1);
	pclose(f);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (i = 0; i < 2; i++) {
		f = fopen(path, "re");
		ASSERT(f && fgets(line, sizeof(line), f));
		fclose(f);
		p = strrchr(line, ')');
		ASSERT(p);
		before = after;
		/* fields 14 and 15, utime and stime; after ')' comes field 3 */
		unsigned long long u, s;
		ASSERT(sscanf(p + 2,
			      "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
			      "%*u %llu %llu",
			      &u, &s) == 2);
		after = u + s;
		if (!i)
			sleep_ms(1000);
	}
	tap_note("%llu ticks in a second", after - before);
	EXPECT(after - before >= 20);
	vm_finish(&vm);
}

TEST(memory_outlives_destruction_while_it_is_mapped)
{
	struct vm vm;
	unsigned char *ram;

	ASSERT_EQ(vm_in_state(&vm, VAMHOST_VM_RUNNING, GUEST_SPIN), 0);
	memset(vm.ram + 0x40000, 0x5a, 4096);
	ram = vm.ram;
	EXPECT_EQ(vm_destroy(&vm), 0);
	EXPECT_EQ(ram[0x40000], 0x5a);
	vm.ram = NULL;
	vm_close(&vm); /* the descriptor only */
	EXPECT_EQ(ram[0x40fff], 0x5a);
	memset(ram, 0xa5, MEMORY);
	EXPECT_EQ(ram[MEMORY - 1], 0xa5);
	munmap(ram, MEMORY);
	EXPECT(ledger_is_zero());
}

TEST(memory_is_zero_at_first)
{
	static const unsigned char zeros[4096];
	struct vm vm;
	size_t at;

	ASSERT_EQ(vm_create(&vm, "zero", 1), 0);
	for (at = 0; at < MEMORY; at += 4096)
		ASSERT(!memcmp(vm.ram + at, zeros, 4096));
	memset(vm.ram, 0xff, MEMORY);
	vm_finish(&vm);
	ASSERT_EQ(vm_create(&vm, "zero", 1), 0);
	for (at = 0; at < MEMORY; at += 4096)
		ASSERT(!memcmp(vm.ram + at, zeros, 4096));
	vm_finish(&vm);
}

TEST(a_descriptor_of_a_destroyed_vm_answers)
{
	struct vamhost_vm_status status;
	struct vamhost_vm_pins pins = { .size = sizeof(pins) };
	struct vm vm;

	ASSERT_EQ(vm_in_state(&vm, VAMHOST_VM_RUNNING, GUEST_COUNT), 0);
	EXPECT_EQ(vm_destroy(&vm), 0);
	ASSERT_EQ(vm_status(&vm, &status), 0);
	EXPECT_EQ(status.out_state, VAMHOST_VM_DEAD);
	EXPECT_EQ(status.out_end, VAMHOST_END_USER);
	EXPECT_EQ(status.out_destroyed, 1);
	EXPECT_EQ(vm_wait(&vm, 0, NULL), 0);
	EXPECT_EQ(vm_start(&vm), -EBUSY);
	EXPECT_EQ(vm_pause(&vm), -EBUSY);
	EXPECT_EQ(vm_resume(&vm), -EBUSY);
	EXPECT_EQ(vm_kill(&vm, NULL), 0);
	EXPECT_EQ(vm_destroy(&vm), -ENOENT);
	EXPECT_EQ(ioctl(vm.fd, VAMHOST_VM_PINS, &pins), 0);
	EXPECT(vm_stat(&vm, "entries") > 0);
	/* The name is free while the old one is still open. */
	close(vm_create_fd("life", MEMORY, 1, NULL));
	EXPECT_EQ(count_vms(), 1);
	close(vm.fd);
	vm.fd = vm_open(0, "life");
	vm_finish(&vm);
}

TEST(a_vm_outlives_its_creator)
{
	struct vamhost_vm_wait wait;
	int status;
	struct vm vm;
	pid_t pid;

	pid = fork();
	if (!pid) {
		/* The device is opened anew: nothing is inherited. */
		_exit(vm_run(&vm, "orphan", GUEST_COUNT) ? 1 : 0);
	}
	ASSERT(waitpid(pid, &status, 0) == pid);
	ASSERT_EQ(status, 0);
	vm = (struct vm){ .memory = MEMORY };
	vm.fd = vm_open(0, "orphan");
	ASSERT(vm.fd >= 0);
	vm.ram = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, vm.fd,
		      0);
	ASSERT(vm.ram != MAP_FAILED);
	EXPECT_EQ(vm_state(&vm), VAMHOST_VM_RUNNING);
	EXPECT(vm_makes_progress(&vm, 5000));
	EXPECT_EQ(vm_kill(&vm, NULL), 0);
	EXPECT_EQ(vm_wait(&vm, 5000, &wait), 0);
	vm_finish(&vm);
}

TEST(a_forked_child_shares_descriptor_and_memory)
{
	int status, pipes[2];
	struct vm vm;
	pid_t pid;
	char c;

	ASSERT_EQ(vm_run(&vm, "fork", GUEST_COUNT), 0);
	ASSERT_EQ(pipe(pipes), 0);
	pid = fork();
	if (!pid) {
		/* Wait for the parent to have closed everything it had. */
		close(pipes[1]);
		if (read(pipes[0], &c, 1) != 0)
			_exit(1);
		if (!vm_makes_progress(&vm, 5000))
			_exit(2);
		if (vm_pause(&vm) || vm_resume(&vm))
			_exit(3);
		vm.ram[COUNTER_AT + 4] = 77;
		_exit(vm_destroy(&vm) ? 4 : 0);
	}
	vm_close(&vm);
	close(pipes[0]);
	close(pipes[1]);
	ASSERT(waitpid(pid, &status, 0) == pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(count_vms(), 0);
	EXPECT(ledger_is_zero());
}

TEST(a_creator_killed_in_the_middle_leaves_whole_vms_or_none)
{
	struct vamhost_vm_next next = { .size = sizeof(next) };
	int round, status, n;
	char name[16];
	struct vm vm;
	pid_t pid;

	for (round = 0; round < 20; round++) {
		pid = fork();
		if (!pid) {
			for (n = 0;; n++) {
				snprintf(name, sizeof(name), "mid%d", n);
				if (vm_run(&vm, name, GUEST_COUNT))
					_exit(1);
				if (n % 2)
					vm_destroy(&vm);
				vm_close(&vm);
			}
		}
		sleep_ms(5 + 7 * round);
		kill(pid, SIGKILL);
		ASSERT(waitpid(pid, &status, 0) == pid);
		next.after = 0;
		while (!ioctl(device(), VAMHOST_VM_NEXT, &next)) {
			next.after = next.out_vm_id;
			vm = (struct vm){ .fd = vm_open(next.out_vm_id, NULL) };
			ASSERT(vm.fd >= 0);
			EXPECT_EQ(vm_destroy(&vm), 0);
			close(vm.fd);
		}
		ASSERT(ledger_is_zero());
	}
}

TEST(poll_tells_of_output_and_of_death)
{
	struct pollfd pfd = { .events = POLLIN };
	struct vamhost_console_read read;
	char buffer[4096];
	struct vm vm;
	int i;

	ASSERT_EQ(vm_create(&vm, "poll", 1), 0);
	ASSERT_EQ(vm_load(&vm, 0, GUEST_PRINT), 0);
	pfd.fd = vm.fd;
	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	ASSERT_EQ(vm_start(&vm), 0);
	EXPECT_EQ(poll(&pfd, 1, 5000), 1);
	EXPECT_EQ(pfd.revents, POLLIN);
	ASSERT_EQ(vm_pause(&vm), 0);
	read = (struct vamhost_console_read){ .size = sizeof(read) };
	do {
		read.pos = read.out_pos;
		read.user_va = (uintptr_t)buffer;
		read.length = sizeof(buffer);
		ASSERT_EQ(ioctl(vm.fd, VAMHOST_CONSOLE_READ, &read), 0);
		for (i = 0; i < (int)read.out_length; i++)
			ASSERT_EQ(buffer[i], 'A');
	} while (read.out_length);
	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	ASSERT_EQ(vm_resume(&vm), 0);
	EXPECT_EQ(poll(&pfd, 1, 5000), 1);
	ASSERT_EQ(vm_kill(&vm, NULL), 0);
	pfd.events = 0;
	EXPECT_EQ(poll(&pfd, 1, 5000), 1);
	EXPECT(pfd.revents & POLLHUP);
	vm_finish(&vm);
}

TEST(console_output_that_is_too_much_is_counted_as_lost)
{
	struct vamhost_vm_create create = {
		.size = sizeof(create),
		.memory = MEMORY,
		.nr_vcpus = 1,
		.node = -1,
		.console_size = 4096,
		.name = "lost",
	};
	struct vamhost_console_read read = { .size = sizeof(read) };
	char buffer[8192];
	struct vm vm = { .memory = MEMORY };
	unsigned int i;

	ASSERT_EQ(ioctl(device(), VAMHOST_VM_CREATE, &create), 0);
	vm.fd = create.out_fd;
	vm.ram = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, vm.fd,
		      0);
	ASSERT(vm.ram != MAP_FAILED);
	ASSERT_EQ(vm_load(&vm, 0, GUEST_PRINT), 0);
	ASSERT_EQ(vm_start(&vm), 0);
	for (i = 0; i < 400 && vm_stat(&vm, "exit_io") < 8192; i++)
		sleep_ms(20);
	ASSERT_EQ(vm_pause(&vm), 0);
	read.user_va = (uintptr_t)buffer;
	read.length = sizeof(buffer);
	ASSERT_EQ(ioctl(vm.fd, VAMHOST_CONSOLE_READ, &read), 0);
	EXPECT(read.out_lost > 0);
	EXPECT(read.out_length > 0 && read.out_length <= 4096);
	EXPECT_EQ(read.out_pos, read.out_lost + read.out_length);
	vm_finish(&vm);
}

static void *destroy_later(void *arg)
{
	sleep_ms(100);
	vm_simple(*(int *)arg, VAMHOST_VM_DESTROY);
	return NULL;
}

TEST(a_waiter_is_woken_by_destruction)
{
	struct vamhost_vm_wait wait;
	pthread_t thread;
	struct vm vm;

	ASSERT_EQ(vm_run(&vm, "woken", GUEST_CLI_HLT), 0);
	pthread_create(&thread, NULL, destroy_later, &vm.fd);
	EXPECT_EQ(vm_wait(&vm, 10000, &wait), 0);
	EXPECT_EQ(wait.out_end, VAMHOST_END_USER);
	pthread_join(thread, NULL);
	vm_close(&vm);
	EXPECT(ledger_is_zero());
}

TEST(sixty_four_vms_live_side_by_side)
{
	static struct vm vms[64];
	char name[16];
	int i;

	for (i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "many%d", i);
		ASSERT_EQ(vm_run(&vms[i], name, GUEST_COUNT), 0);
	}
	EXPECT_EQ(count_vms(), 64);
	tap_time(120);
	for (i = 0; i < 64; i++)
		EXPECT(vm_makes_progress(&vms[i], 60000));
	for (i = 63; i >= 0; i--) {
		EXPECT_EQ(vm_destroy(&vms[i]), 0);
		vm_close(&vms[i]);
	}
	EXPECT_EQ(count_vms(), 0);
	EXPECT(ledger_is_zero());
}

TEST(a_vm_may_have_sixty_four_vcpus)
{
	struct vamhost_vm_status status;
	struct vm vm;
	int i;

	ASSERT_EQ(vm_create(&vm, "wide", VAMHOST_VCPUS_MAX), 0);
	for (i = 0; i < VAMHOST_VCPUS_MAX; i++)
		ASSERT_EQ(vm_load(&vm, i, GUEST_COUNT), 0);
	ASSERT_EQ(vm_start(&vm), 0);
	EXPECT(vm_makes_progress(&vm, 20000));
	ASSERT_EQ(vm_status(&vm, &status), 0);
	EXPECT_EQ(status.out_nr_vcpus, VAMHOST_VCPUS_MAX);
	EXPECT_EQ(vm_pause(&vm), 0);
	EXPECT(!vm_makes_progress(&vm, 30));
	vm_finish(&vm);
}

TAP_MAIN()
