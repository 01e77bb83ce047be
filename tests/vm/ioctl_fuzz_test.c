// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl_fuzz_test.c - no sequence of commands with random arguments harms the
 * host
 *
 * Each struct is filled from a seeded generator that knows which numbers are
 * interesting. FUZZ_SEED and FUZZ_SECONDS (default 5 for each test) choose.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "vmtest.h"

#define SLOTS 4

static struct rng rng;
static int fds[SLOTS]; /* descriptors of VMs, or -1 */
static unsigned char *area; /* for addresses that are good */

static uint64_t number(void)
{
	static const uint64_t interesting[] = {
		0,
		1,
		2,
		3,
		7,
		8,
		15,
		16,
		31,
		63,
		64,
		65,
		127,
		128,
		255,
		256,
		4095,
		4096,
		4097,
		65535,
		65536,
		1 << 20,
		(1 << 20) - 1,
		(1 << 20) + 4096,
		1 << 21,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x7fffffffffff,
		0x800000000000,
		0xffff800000000000,
		0xffffffff80000000,
		0x7fffffffffffffff,
		0x8000000000000000,
		0xfffffffffffff000,
		0xffffffffffffffff,
		0xfee00000,
		0xfec00000,
		0xc0000080,
		0x277,
	};
	uint32_t n = sizeof(interesting) / sizeof(interesting[0]);

	switch (rng_below(&rng, 6)) {
	case 0:
		return rng_next(&rng);
	case 1:
		return 1ull << rng_below(&rng, 64);
	case 2:
		return (uintptr_t)area + rng_below(&rng, 8192);
	case 3:
		return rng_below(&rng, 20);
	default:
		return interesting[rng_below(&rng, n)];
	}
}

static unsigned long request(void)
{
	static const unsigned char vm[] = { 0x40, 0x41, 0x42, 0x43, 0x44, 0x47,
					    0x48, 0x49, 0x4a, 0x4b, 0x4c };

	if (!rng_below(&rng, 50))
		return rng_next(&rng);
	if (!rng_below(&rng, 20))
		return _IO(VAMHOST_IOC, rng_below(&rng, 256));
	return _IO(VAMHOST_IOC, vm[rng_below(&rng, sizeof(vm))]);
}

static size_t size_of(unsigned long request)
{
	switch (request) {
	case VAMHOST_VM_STATUS:
		return sizeof(struct vamhost_vm_status);
	case VAMHOST_VM_KILL:
		return sizeof(struct vamhost_vm_kill);
	case VAMHOST_VM_STAT:
		return sizeof(struct vamhost_vm_stat);
	case VAMHOST_VM_PINS:
		return sizeof(struct vamhost_vm_pins);
	case VAMHOST_VCPU_GET_STATE:
	case VAMHOST_VCPU_SET_STATE:
		return sizeof(struct vamhost_vcpu_state);
	case VAMHOST_CONSOLE_READ:
	case VAMHOST_CONSOLE_WRITE:
		return sizeof(struct vamhost_console_read);
	default:
		return 8;
	}
}

/* Random words, few of them, at places where the fields are. */
static void fill(unsigned char *arg, size_t size)
{
	uint32_t changes = rng_below(&rng, 6), i;

	for (i = 0; i < changes; i++) {
		uint64_t value = number();

		if (rng_below(&rng, 2) && size >= 16)
			memcpy(arg + 8 + 8 * rng_below(&rng, size / 8 - 1),
			       &value, 8);
		else if (size >= 12)
			memcpy(arg + 8 + 4 * rng_below(&rng, size / 4 - 2),
			       &value, 4);
	}
	if (!rng_below(&rng, 30))
		((uint32_t *)arg)[0] = number();
	if (!rng_below(&rng, 30))
		((uint32_t *)arg)[1] = number();
}

static void create_one(unsigned int slot)
{
	struct vamhost_vm_create create = {
		.size = sizeof(create),
		.memory = rng_below(&rng, 4) ? 1 << 20 : number() & 0x3ffffff,
		.nr_vcpus = rng_below(&rng, 4) ? 1 : number() & 7,
		.node = rng_below(&rng, 8) ? -1 : (int)number(),
		.console_size = rng_below(&rng, 4) ? 0 : number() & 0xfffff,
		.mmu_pages = rng_below(&rng, 2) ? 0 : number(),
	};

	snprintf(create.name, sizeof(create.name), "fuzz%u",
		 rng_below(&rng, 2 * SLOTS));
	if (!ioctl(device(), VAMHOST_VM_CREATE, &create)) {
		fds[slot] = create.out_fd;
		vm_set_flat_state(create.out_fd, 0, 0);
	}
}

static void destroy_one(unsigned int slot)
{
	vm_simple(fds[slot], VAMHOST_VM_DESTROY);
	close(fds[slot]);
	fds[slot] = -1;
}

static void setup(void)
{
	int i;

	rng.s = env_number("FUZZ_SEED", 1);
	tap_note("seed %llu", (unsigned long long)rng.s);
	area = mmap(NULL, 16384, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < SLOTS; i++)
		fds[i] = -1;
}

static void finish(void)
{
	int i;

	for (i = 0; i < SLOTS; i++)
		if (fds[i] >= 0)
			destroy_one(i);
	munmap(area, 16384);
	EXPECT_EQ(count_vms(), 0);
	EXPECT(ledger_is_zero());
}

TEST(random_commands_on_vms_do_no_harm)
{
	uint64_t seconds = env_number("FUZZ_SECONDS", 5), end;
	unsigned int good = 0, all = 0, slot;
	unsigned char arg[4096];
	unsigned long cmd;

	tap_time(60 + 10 * seconds);
	setup();
	for (end = now_ms() + 1000 * seconds; now_ms() < end; all++) {
		slot = rng_below(&rng, SLOTS);
		if (fds[slot] < 0) {
			create_one(slot);
			continue;
		}
		if (!rng_below(&rng, 200)) {
			destroy_one(slot);
			continue;
		}
		cmd = request();
		memset(arg, 0, sizeof(arg));
		*(uint32_t *)arg = size_of(cmd);
		fill(arg, size_of(cmd));
		/* Killing too often would leave little to see. */
		if (cmd == VAMHOST_VM_KILL && rng_below(&rng, 50))
			continue;
		if (cmd == VAMHOST_VM_WAIT)
			continue;
		good += !ioctl(fds[slot], cmd, arg);
	}
	tap_note("%u of %u commands succeeded", good, all);
	EXPECT(good > 0 && good < all);
	finish();
}

TEST(random_commands_on_the_device_do_no_harm)
{
	uint64_t seconds = env_number("FUZZ_SECONDS", 5), end;
	unsigned int good = 0, all = 0;
	unsigned char arg[4096];
	unsigned long cmd;
	int fd;

	tap_time(60 + 10 * seconds);
	setup();
	for (end = now_ms() + 1000 * seconds; now_ms() < end; all++) {
		cmd = _IO(VAMHOST_IOC, rng_below(&rng, 6));
		memset(arg, 0, sizeof(arg));
		*(uint32_t *)arg = cmd == VAMHOST_INFO ?
					   sizeof(struct vamhost_info) :
				   cmd == VAMHOST_VM_CREATE ?
					   sizeof(struct vamhost_vm_create) :
				   cmd == VAMHOST_VM_OPEN ?
					   sizeof(struct vamhost_vm_open) :
					   sizeof(struct vamhost_vm_next);
		if (cmd == VAMHOST_VM_CREATE) {
			struct vamhost_vm_create *c = (void *)arg;

			c->memory = 1 << 20;
			c->nr_vcpus = 1;
			c->node = -1;
			strcpy(c->name, "device");
		}
		fill(arg, *(uint32_t *)arg);
		if (cmd == VAMHOST_VM_CREATE &&
		    ((struct vamhost_vm_create *)arg)->memory > 64 << 20)
			continue; /* real memory: another test's subject */
		if (ioctl(device(), cmd, arg))
			continue;
		good++;
		if (cmd == VAMHOST_VM_CREATE) {
			fd = ((struct vamhost_vm_create *)arg)->out_fd;
			vm_simple(fd, VAMHOST_VM_DESTROY);
			close(fd);
		} else if (cmd == VAMHOST_VM_OPEN) {
			close(((struct vamhost_vm_open *)arg)->out_fd);
		}
	}
	tap_note("%u of %u commands succeeded", good, all);
	EXPECT(good > 0 && good < all);
	finish();
}

TAP_MAIN()
