// SPDX-License-Identifier: GPL-2.0
/*
 * cpu_hotplug_test.c - CPUs go away and come back while VMs run on them, and
 * the VMs go on
 */
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "vmtest.h"

#define CPU 1
#define ONLINE "/sys/devices/system/cpu/cpu1/online"

static bool can_hotplug(void)
{
	return access(ONLINE, W_OK) == 0;
}

static int set_online(bool on)
{
	int fd = open(ONLINE, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || write(fd, on ? "1" : "0", 1) != 1)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* The host thread of vCPU 0 of a VM. */
static pid_t thread_of(const char *vm)
{
	char line[64], wanted[64];
	pid_t pid = -1;
	glob_t found;
	size_t i;
	FILE *f;

	snprintf(wanted, sizeof(wanted), "vam/%s/0\n", vm);
	if (glob("/proc/[0-9]*/comm", 0, NULL, &found))
		return -1;
	for (i = 0; i < found.gl_pathc; i++) {
		f = fopen(found.gl_pathv[i], "re");
		if (!f)
			continue;
		if (fgets(line, sizeof(line), f) && !strcmp(line, wanted))
			pid = atoi(found.gl_pathv[i] + strlen("/proc/"));
		fclose(f);
	}
	globfree(&found);
	return pid;
}

static int move_to(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(pid, sizeof(set), &set) ? -errno : 0;
}

static void run_through_hotplug(const char *name, struct code code, bool counts)
{
	struct vm vm;
	pid_t pid;
	int i;

	if (!can_hotplug())
		SKIP("the machine has one CPU, or it cannot go offline");
	ASSERT_EQ(vm_run(&vm, name, code), 0);
	pid = thread_of(name);
	ASSERT(pid > 0);
	for (i = 0; i < 10; i++) {
		/* On that CPU when it goes, and again when it is back. */
		ASSERT_EQ(move_to(pid, CPU), 0);
		if (counts)
			ASSERT(vm_makes_progress(&vm, 5000));
		ASSERT_EQ(set_online(false), 0);
		if (counts)
			EXPECT(vm_makes_progress(&vm, 5000));
		ASSERT_EQ(set_online(true), 0);
		ASSERT_EQ(move_to(pid, CPU), 0);
		if (counts)
			EXPECT(vm_makes_progress(&vm, 5000));
		ASSERT_EQ(move_to(pid, 0), 0);
		EXPECT_EQ(vm_state(&vm), VAMHOST_VM_RUNNING);
	}
	vm_finish(&vm);
}

TEST(a_counting_vm_goes_on_when_its_cpu_goes_and_comes)
{
	run_through_hotplug("count", GUEST_COUNT, true);
}

TEST(a_spinning_vm_with_interrupts_off_does_not_hold_up_its_cpu)
{
	run_through_hotplug("spin", GUEST_CLI_SPIN, false);
}

TEST(a_halted_vm_survives_its_cpu)
{
	run_through_hotplug("halt", GUEST_CLI_HLT, false);
}

TEST(vms_can_be_made_while_a_cpu_is_away_and_used_when_it_is_back)
{
	struct vm vm;
	pid_t pid;

	if (!can_hotplug())
		SKIP("the machine has one CPU, or it cannot go offline");
	ASSERT_EQ(set_online(false), 0);
	if (EXPECT_EQ(vm_run(&vm, "away", GUEST_COUNT), 0))
		EXPECT(vm_makes_progress(&vm, 5000));
	ASSERT_EQ(set_online(true), 0);
	pid = thread_of("away");
	ASSERT(pid > 0);
	EXPECT_EQ(move_to(pid, CPU), 0);
	EXPECT(vm_makes_progress(&vm, 5000));
	EXPECT(vm_makes_progress(&vm, 5000));
	vm_finish(&vm);
}

TEST(a_vm_moves_between_cpus_and_goes_on)
{
	struct vm vm;
	pid_t pid;
	int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP("one CPU only");
	ASSERT_EQ(vm_run(&vm, "move", GUEST_COUNT), 0);
	pid = thread_of("move");
	ASSERT(pid > 0);
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(move_to(pid, i & 1), 0);
		ASSERT(vm_makes_progress(&vm, 5000));
	}
	vm_finish(&vm);
}

TAP_MAIN()
