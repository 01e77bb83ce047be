/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vmtest.h - what every test of the module needs: VMs, tiny guests, the ledger
 *
 * Guests here are a few bytes of machine code each, so that no test of the
 * module's interface depends on a payload file.
 */
#ifndef TESTS_VM_VMTEST_H
#define TESTS_VM_VMTEST_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <vamhost/vamhost.h>
#include "tap.h"

#define CODE_AT 0x10000 /* where vm_load() puts a guest's first byte */
#define COUNTER_AT 0x2000 /* what counting guests increment */
#define MEMORY (2u << 20) /* of most VMs here */

/* An open VM, its RAM mapped. */
struct vm {
	int fd;
	uint32_t id;
	unsigned char *ram;
	size_t memory;
};

/* A guest: 32-bit code without paging. */
struct code {
	const char *bytes;
	size_t n;
};

#define CODE(string) ((struct code){ string, sizeof(string) - 1 })

#define GUEST_SPIN CODE("\xeb\xfe") /* jmp . */
#define GUEST_CLI_SPIN CODE("\xfa\xeb\xfe") /* cli; jmp . */
#define GUEST_CLI_HLT CODE("\xfa\xf4\xeb\xfd") /* cli; 1: hlt; jmp 1b */
/* mov al, 42; out 0xf4, al; jmp . */
#define GUEST_EXIT_42 CODE("\xb0\x2a\xe6\xf4\xeb\xfe")
/* 1: inc dword [0x2000]; jmp 1b */
#define GUEST_COUNT CODE("\xff\x05\x00\x20\x00\x00\xeb\xf8")
/* ud2 with an empty IDT: a triple fault */
#define GUEST_TRIPLE_FAULT CODE("\x0f\x0b")
/* mov dx, 0x3f8; mov al, 'A'; 1: out dx, al; inc byte [0x2000]; jmp 1b */
#define GUEST_PRINT \
	CODE("\xba\xf8\x03\x00\x00\xb0\x41\xee\xfe\x05\x00\x20\x00\x00\xeb\xf7")

/* Open /dev/vamhost once for the whole program. */
int device(void);

/* All return 0 or -errno. */
int vm_create(struct vm *vm, const char *name, unsigned int vcpus);
int vm_create_fd(const char *name, size_t memory, unsigned int vcpus,
		 uint32_t *id); /* or the descriptor */
int vm_load(struct vm *vm, unsigned int vcpu, struct code code);
int vm_run(struct vm *vm, const char *name, struct code code);
int vm_set_flat_state(int fd, unsigned int vcpu, uint32_t rip);
int vm_simple(int fd, unsigned long request); /* header-only commands */
int vm_start(struct vm *vm);
int vm_pause(struct vm *vm);
int vm_resume(struct vm *vm);
int vm_destroy(struct vm *vm);
int vm_kill(struct vm *vm, const char *reason);
int vm_wait(struct vm *vm, uint32_t ms, struct vamhost_vm_wait *wait);
int vm_status(struct vm *vm, struct vamhost_vm_status *status);
int vm_state(struct vm *vm); /* enum vamhost_vm_state or -errno */
int vm_open(uint32_t id, const char *name);
uint64_t vm_stat(struct vm *vm, const char *name); /* sum of a counter */

/* Unmap and close; the VM lives on. */
void vm_close(struct vm *vm);

/* Destroy, unmap, close, and expect that nothing is left of it. */
void vm_finish(struct vm *vm);

/* A flat 32-bit protected-mode state that starts at @rip. */
void flat_state(struct vamhost_vcpu_state *state, unsigned int vcpu,
		uint32_t rip);

/* Does GUEST_COUNT make progress within @ms milliseconds? */
bool vm_makes_progress(struct vm *vm, unsigned int ms);

/* How many VMs there are. */
int count_vms(void);

/*
 * Does the module hold nothing of the host any more? References that a dying
 * process drops may be seen a moment later, so this waits a little. True when
 * debugfs is not there to ask.
 */
bool ledger_is_zero(void);

void sleep_ms(unsigned int ms);
uint64_t now_ms(void);

/* A small seeded generator; equal seeds give equal tests. */
struct rng {
	uint64_t s;
};
uint64_t rng_next(struct rng *rng);
uint32_t rng_below(struct rng *rng, uint32_t n);

/* A number from the environment, for longer or repeated runs. */
uint64_t env_number(const char *name, uint64_t otherwise);

#endif /* TESTS_VM_VMTEST_H */
