// SPDX-License-Identifier: GPL-2.0
/*
 * vmtest.c - VMs, tiny guests and the ledger for the tests of the module
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "vmtest.h"

#define LEDGER "/sys/kernel/debug/vamhost/ledger"

int device(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/vamhost", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		printf("Bail out! /dev/vamhost: %s\n", strerror(errno));
		exit(1);
	}
	return fd;
}

static int call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

int vm_create_fd(const char *name, size_t memory, unsigned int vcpus,
		 uint32_t *id)
{
	struct vamhost_vm_create create = {
		.size = sizeof(create),
		.memory = memory,
		.nr_vcpus = vcpus,
		.node = -1,
	};
	int err;

	strncpy(create.name, name, sizeof(create.name) - 1);
	err = call(device(), VAMHOST_VM_CREATE, &create);
	if (err)
		return err;
	if (id)
		*id = create.out_vm_id;
	return create.out_fd;
}

int vm_create(struct vm *vm, const char *name, unsigned int vcpus)
{
	*vm = (struct vm){ .fd = -1, .memory = MEMORY };
	vm->fd = vm_create_fd(name, vm->memory, vcpus, &vm->id);
	if (vm->fd < 0)
		return vm->fd;
	vm->ram = mmap(NULL, vm->memory, PROT_READ | PROT_WRITE, MAP_SHARED,
		       vm->fd, 0);
	if (vm->ram == MAP_FAILED) {
		vm->ram = NULL;
		return -errno;
	}
	return 0;
}

void flat_state(struct vamhost_vcpu_state *state, unsigned int vcpu,
		uint32_t rip)
{
	const struct vamhost_seg code = { .selector = 8,
					  .attr = 0xc09b,
					  .limit = 0xffffffff };
	const struct vamhost_seg data = { .selector = 16,
					  .attr = 0xc093,
					  .limit = 0xffffffff };
	int i;

	memset(state, 0, sizeof(*state));
	state->size = sizeof(*state);
	state->vcpu = vcpu;
	state->rip = rip;
	state->rflags = 2;
	state->gpr[VAMHOST_RSP] = 0x8000;
	for (i = VAMHOST_ES; i <= VAMHOST_GS; i++)
		state->seg[i] = data;
	state->seg[VAMHOST_CS] = code;
	state->seg[VAMHOST_LDTR].attr = 0x82;
	state->seg[VAMHOST_TR].attr = 0x8b;
	state->seg[VAMHOST_TR].limit = 0x67;
	state->cr0 = 0x11;
	state->dr6 = 0xffff0ff0;
	state->dr7 = 0x400;
}

int vm_set_flat_state(int fd, unsigned int vcpu, uint32_t rip)
{
	struct vamhost_vcpu_state state;

	flat_state(&state, vcpu, rip);
	return call(fd, VAMHOST_VCPU_SET_STATE, &state);
}

int vm_load(struct vm *vm, unsigned int vcpu, struct code code)
{
	uint32_t at = CODE_AT + vcpu * 0x1000;

	memcpy(vm->ram + at, code.bytes, code.n);
	return vm_set_flat_state(vm->fd, vcpu, at);
}

int vm_run(struct vm *vm, const char *name, struct code code)
{
	int err = vm_create(vm, name, 1);

	if (!err)
		err = vm_load(vm, 0, code);
	if (!err)
		err = vm_start(vm);
	return err;
}

int vm_simple(int fd, unsigned long request)
{
	struct {
		uint32_t size;
		uint32_t flags;
	} arg = { .size = sizeof(arg) };

	return call(fd, request, &arg);
}

int vm_start(struct vm *vm)
{
	return vm_simple(vm->fd, VAMHOST_VM_START);
}

int vm_pause(struct vm *vm)
{
	return vm_simple(vm->fd, VAMHOST_VM_PAUSE);
}

int vm_resume(struct vm *vm)
{
	return vm_simple(vm->fd, VAMHOST_VM_RESUME);
}

int vm_destroy(struct vm *vm)
{
	return vm_simple(vm->fd, VAMHOST_VM_DESTROY);
}

int vm_kill(struct vm *vm, const char *reason)
{
	struct vamhost_vm_kill kill = { .size = sizeof(kill) };

	if (reason)
		strncpy(kill.reason, reason, sizeof(kill.reason) - 1);
	return call(vm->fd, VAMHOST_VM_KILL, &kill);
}

int vm_wait(struct vm *vm, uint32_t ms, struct vamhost_vm_wait *wait)
{
	struct vamhost_vm_wait unused;

	if (!wait)
		wait = &unused;
	*wait = (struct vamhost_vm_wait){ .size = sizeof(*wait),
					  .timeout_ms = ms };
	return call(vm->fd, VAMHOST_VM_WAIT, wait);
}

int vm_status(struct vm *vm, struct vamhost_vm_status *status)
{
	*status = (struct vamhost_vm_status){ .size = sizeof(*status) };
	return call(vm->fd, VAMHOST_VM_STATUS, status);
}

int vm_state(struct vm *vm)
{
	struct vamhost_vm_status status;
	int err = vm_status(vm, &status);

	return err ? err : (int)status.out_state;
}

int vm_open(uint32_t id, const char *name)
{
	struct vamhost_vm_open open = { .size = sizeof(open), .vm_id = id };
	int err;

	if (name)
		strncpy(open.name, name, sizeof(open.name) - 1);
	err = call(device(), VAMHOST_VM_OPEN, &open);
	return err ? err : open.out_fd;
}

uint64_t vm_stat(struct vm *vm, const char *name)
{
	struct vamhost_stat_name n = { .size = sizeof(n) };
	uint64_t values[256] = { 0 };
	struct vamhost_vm_stat stat = {
		.size = sizeof(stat),
		.vcpu = VAMHOST_STAT_TOTAL,
		.count = 256,
		.user_va = (uintptr_t)values,
	};

	if (call(vm->fd, VAMHOST_VM_STAT, &stat))
		return 0;
	for (n.index = 0; !call(device(), VAMHOST_STAT_NAME, &n); n.index++)
		if (!strcmp(n.out_name, name))
			return values[n.index];
	return 0;
}

void vm_close(struct vm *vm)
{
	if (vm->ram)
		munmap(vm->ram, vm->memory);
	if (vm->fd >= 0)
		close(vm->fd);
	vm->ram = NULL;
	vm->fd = -1;
}

void vm_finish(struct vm *vm)
{
	if (vm->fd >= 0)
		EXPECT_EQ(vm_destroy(vm), 0);
	vm_close(vm);
	EXPECT(ledger_is_zero());
}

bool vm_makes_progress(struct vm *vm, unsigned int ms)
{
	volatile uint32_t *counter = (uint32_t *)(vm->ram + COUNTER_AT);
	uint32_t before = *counter;
	uint64_t end = now_ms() + ms;

	do {
		if (*counter != before)
			return true;
		sleep_ms(1);
	} while (now_ms() < end);
	return *counter != before;
}

int count_vms(void)
{
	struct vamhost_info info = { .size = sizeof(info) };

	return call(device(), VAMHOST_INFO, &info) ? -1 : (int)info.out_vms;
}

static bool read_ledger(bool *zero)
{
	char name[32];
	long long n;
	FILE *f = fopen(LEDGER, "re");

	if (!f)
		return false;
	*zero = true;
	while (fscanf(f, "%31s %lld", name, &n) == 2)
		if (n)
			*zero = false;
	fclose(f);
	return true;
}

bool ledger_is_zero(void)
{
	uint64_t end = now_ms() + 2000;
	bool zero;

	do {
		if (!read_ledger(&zero) || zero)
			return true;
		sleep_ms(5);
	} while (now_ms() < end);
	return false;
}

void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

/* splitmix64 */
uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->s += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint32_t rng_below(struct rng *rng, uint32_t n)
{
	return rng_next(rng) % n;
}

uint64_t env_number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}
