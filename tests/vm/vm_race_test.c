// SPDX-License-Identifier: GPL-2.0
/*
 * vm_race_test.c - commands of many threads on the same VMs, at the same time
 * as these are created and destroyed, do no harm
 *
 * RACE_SECONDS sets how long each test runs (default 4).
 */
#include <pthread.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "vmtest.h"

#define THREADS 4

static atomic_bool stop;
static atomic_int turns;

struct worker {
	pthread_t thread;
	struct rng rng;
	int fd;
};

static void run_workers(struct worker *w, int n, void *(*body)(void *), int fd)
{
	unsigned int seconds = env_number("RACE_SECONDS", 4);
	int i;

	tap_time(60 + 10 * seconds);
	stop = false;
	turns = 0;
	for (i = 0; i < n; i++) {
		w[i].rng.s = 1000 + i;
		w[i].fd = fd;
		pthread_create(&w[i].thread, NULL, body, &w[i]);
	}
	sleep_ms(seconds * 1000);
	stop = true;
	for (i = 0; i < n; i++)
		pthread_join(w[i].thread, NULL);
	tap_note("%d turns", turns);
	EXPECT(turns > n);
}

/* Nothing may be left, whatever the threads were doing when they stopped. */
static void destroy_all(void)
{
	struct vamhost_vm_next next = { .size = sizeof(next) };
	int fd;

	while (!ioctl(device(), VAMHOST_VM_NEXT, &next)) {
		next.after = next.out_vm_id;
		fd = vm_open(next.out_vm_id, NULL);
		if (EXPECT(fd >= 0)) {
			EXPECT_EQ(vm_simple(fd, VAMHOST_VM_DESTROY), 0);
			close(fd);
		}
	}
	EXPECT_EQ(count_vms(), 0);
	EXPECT(ledger_is_zero());
}

/* A few names for all threads, so that they meet. */
static void *create_and_destroy(void *arg)
{
	struct worker *w = arg;
	char name[16];
	struct vm vm;
	int err;

	while (!stop) {
		snprintf(name, sizeof(name), "race%u", rng_below(&w->rng, 3));
		err = vm_create(&vm, name, 1 + rng_below(&w->rng, 2));
		if (err == -EEXIST) {
			vm.fd = vm_open(0, name);
			vm.ram = NULL;
			if (vm.fd < 0)
				continue;
		} else if (err) {
			tap_fail(__FILE__, __LINE__, "create: %d", err);
			break;
		} else {
			vm_load(&vm, 0, GUEST_COUNT);
			vm_start(&vm);
		}
		if (rng_below(&w->rng, 2)) {
			err = vm_destroy(&vm);
			if (err && err != -ENOENT)
				tap_fail(__FILE__, __LINE__, "destroy: %d",
					 err);
		}
		vm_close(&vm);
		turns++;
	}
	return NULL;
}

TEST(threads_create_and_destroy_vms_of_the_same_names)
{
	struct worker w[THREADS];

	run_workers(w, THREADS, create_and_destroy, -1);
	destroy_all();
}

static pthread_barrier_t barrier;
static atomic_int destroyed;
static int shared_fd;

static void *destroy_once(void *arg)
{
	int err;

	pthread_barrier_wait(&barrier);
	err = vm_simple(shared_fd, VAMHOST_VM_DESTROY);
	if (!err)
		destroyed++;
	else if (err != -ENOENT)
		tap_fail(__FILE__, __LINE__, "destroy: %d", err);
	return NULL;
}

TEST(of_several_threads_that_destroy_a_vm_exactly_one_succeeds)
{
	pthread_t threads[THREADS];
	int round, i;
	struct vm vm;

	for (round = 0; round < 50; round++) {
		ASSERT_EQ(vm_run(&vm, "once", GUEST_COUNT), 0);
		shared_fd = vm.fd;
		destroyed = 0;
		pthread_barrier_init(&barrier, NULL, THREADS);
		for (i = 0; i < THREADS; i++)
			pthread_create(&threads[i], NULL, destroy_once, NULL);
		for (i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		pthread_barrier_destroy(&barrier);
		EXPECT_EQ(destroyed, 1);
		vm_close(&vm);
	}
	EXPECT(ledger_is_zero());
}

/* Any command but those that end it. */
static void *one_command(struct worker *w)
{
	struct vamhost_vcpu_state state = { .size = sizeof(state) };
	struct vamhost_console_read read = { .size = sizeof(read) };
	struct vamhost_vm_status status;
	struct vm vm = { .fd = w->fd };
	struct pollfd pfd = { .fd = w->fd, .events = POLLIN };
	char buffer[512];
	void *ram;

	switch (rng_below(&w->rng, 9)) {
	case 0:
		vm_start(&vm);
		break;
	case 1:
		vm_pause(&vm);
		break;
	case 2:
		vm_resume(&vm);
		break;
	case 3:
		vm_status(&vm, &status);
		break;
	case 4:
		vm_stat(&vm, "entries");
		break;
	case 5:
		ioctl(w->fd, VAMHOST_VCPU_GET_STATE, &state);
		break;
	case 6:
		vm_set_flat_state(w->fd, 0, CODE_AT);
		break;
	case 7:
		read.user_va = (uintptr_t)buffer;
		read.length = sizeof(buffer);
		ioctl(w->fd, VAMHOST_CONSOLE_READ, &read);
		poll(&pfd, 1, 0);
		break;
	case 8:
		ram = mmap(NULL, MEMORY, PROT_READ, MAP_SHARED, w->fd, 0);
		if (ram != MAP_FAILED) {
			(void)*(volatile char *)ram;
			munmap(ram, MEMORY);
		}
		break;
	}
	turns++;
	return NULL;
}

static void *any_command(void *arg)
{
	while (!stop)
		one_command(arg);
	return NULL;
}

TEST(threads_use_one_vm_in_every_way_at_once)
{
	struct worker w[THREADS];
	struct vm vm;

	ASSERT_EQ(vm_create(&vm, "shared", 2), 0);
	ASSERT_EQ(vm_load(&vm, 0, GUEST_PRINT), 0);
	ASSERT_EQ(vm_load(&vm, 1, GUEST_PRINT), 0);
	run_workers(w, THREADS, any_command, vm.fd);
	/* It still does what it is told. */
	if (vm_state(&vm) == VAMHOST_VM_PAUSED)
		EXPECT_EQ(vm_resume(&vm), 0);
	EXPECT(vm_makes_progress(&vm, 5000));
	vm_finish(&vm);
}

static atomic_int current_fd;

/* Whatever descriptor that is now, or was a moment ago. */
static void *any_command_on_current(void *arg)
{
	struct worker *w = arg;

	while (!stop) {
		w->fd = current_fd;
		one_command(w);
	}
	return NULL;
}

static void *replace_current(void *arg)
{
	struct worker *w = arg;
	struct vm vm;
	int err;

	while (!stop) {
		err = vm_run(&vm, "current", GUEST_PRINT);
		/*
		 * EBUSY: the descriptor has the number of the one before, and
		 * another thread has started this VM by it.
		 */
		if (err && err != -EBUSY) {
			tap_fail(__FILE__, __LINE__, "create: %d", err);
			break;
		}
		current_fd = vm.fd;
		sleep_ms(rng_below(&w->rng, 8));
		switch (rng_below(&w->rng, 3)) {
		case 0:
			EXPECT_EQ(vm_kill(&vm, NULL), 0);
			EXPECT_EQ(vm_destroy(&vm), 0);
			break;
		case 1:
			EXPECT_EQ(vm_destroy(&vm), 0);
			break;
		case 2:
			/* The descriptor goes first, the VM after it. */
			vm_close(&vm);
			vm.fd = vm_open(0, "current");
			EXPECT_EQ(vm_destroy(&vm), 0);
			break;
		}
		vm_close(&vm);
		turns++;
	}
	return NULL;
}

TEST(commands_hit_vms_and_descriptors_that_go_away)
{
	struct worker w[THREADS], replacer = { .rng = { 7 } };

	current_fd = -1;
	stop = false;
	pthread_create(&replacer.thread, NULL, replace_current, &replacer);
	run_workers(w, THREADS - 1, any_command_on_current, -1);
	pthread_join(replacer.thread, NULL);
	destroy_all();
}

static void *wait_for_death(void *arg)
{
	struct vm vm = { .fd = *(int *)arg };

	EXPECT_EQ(vm_wait(&vm, 20000, NULL), 0);
	return NULL;
}

TEST(all_waiters_are_woken_whoever_ends_the_vm)
{
	pthread_t threads[THREADS];
	int round, i;
	struct vm vm;

	for (round = 0; round < 30; round++) {
		ASSERT_EQ(vm_run(&vm, "waiters",
				 round % 3 == 0 ? GUEST_EXIT_42 :
				 round % 3 == 1 ? GUEST_TRIPLE_FAULT :
						  GUEST_CLI_HLT),
			  0);
		for (i = 0; i < THREADS; i++)
			pthread_create(&threads[i], NULL, wait_for_death,
				       &vm.fd);
		if (round % 3 == 2)
			EXPECT_EQ(vm_kill(&vm, NULL), 0);
		for (i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		EXPECT_EQ(vm_destroy(&vm), 0);
		vm_close(&vm);
	}
	EXPECT(ledger_is_zero());
}

TAP_MAIN()
