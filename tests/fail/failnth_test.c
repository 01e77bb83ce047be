// SPDX-License-Identifier: GPL-2.0
/*
 * failnth_test.c - whichever allocation fails, the command fails with ENOMEM or
 * copes, and nothing is left behind
 *
 * Each sequence is run with its 1st, 2nd, 3rd ... allocation made to fail until
 * it gets through without reaching the failing one. So every error path that
 * hangs on an allocation of ours is executed. Needs a module built with
 * VAM_FAILNTH=1; the rig's checks of the log and the ledger do the rest.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "vmtest.h"

#define FAIL_NTH "/sys/kernel/debug/vamhost/fail_nth"
#define ALLOCATIONS "/sys/kernel/debug/vamhost/allocations"
#define LIMIT 20000 /* no sequence here makes as many */

static bool fail_nth(unsigned long n)
{
	FILE *f = fopen(FAIL_NTH, "we");
	bool ok;

	if (!f)
		return false;
	ok = fprintf(f, "%lu\n", n) > 0;
	return !fclose(f) && ok;
}

static unsigned long allocations(void)
{
	FILE *f = fopen(ALLOCATIONS, "re");
	unsigned long n = 0;

	if (f) {
		if (fscanf(f, "%lu", &n) != 1)
			n = 0;
		fclose(f);
	}
	return n;
}

/*
 * Run @sequence with each allocation failing in turn. It returns 0 or -errno;
 * a failure must be -ENOMEM, unless the VM died of it with a sentence.
 */
static void with_each_failure(int (*sequence)(void))
{
	unsigned long n, step = 1, failed = 0;
	int err;

	if (!fail_nth(0))
		SKIP("the module was built without VAM_FAILNTH=1");
	/* Once in peace: caches that stay are filled, the count is known. */
	ASSERT_EQ(sequence(), 0);
	tap_note("%lu allocations", allocations());
	ASSERT(allocations() > 0 && allocations() < LIMIT);
	tap_time(600);
	for (n = 1; n < LIMIT; n += step) {
		ASSERT(fail_nth(n));
		err = sequence();
		if (err && err != -ENOMEM)
			tap_fail(__FILE__, __LINE__, "n = %lu: error %d", n,
				 err);
		if (allocations() < n) {
			EXPECT_EQ(err, 0);
			break;
		}
		failed += err != 0;
		fail_nth(0);
		if (!EXPECT_EQ(count_vms(), 0) || !EXPECT(ledger_is_zero())) {
			tap_note("n = %lu", n);
			break;
		}
	}
	fail_nth(0);
	tap_note("failed %lu times, got through with n = %lu", failed, n);
	EXPECT(failed > 0);
	EXPECT(n < LIMIT);
	EXPECT_EQ(count_vms(), 0);
	EXPECT(ledger_is_zero());
}

static int destroy(struct vm *vm, int err)
{
	int err2 = vm_destroy(vm);

	vm_close(vm);
	return err ? err : err2;
}

static int create_and_destroy(void)
{
	struct vm vm;
	int err = vm_create(&vm, "failnth", 1);

	/* Made or not made; the descriptor says which. */
	return vm.fd < 0 ? err : destroy(&vm, err);
}

TEST(creation_copes_with_each_allocation_failing)
{
	with_each_failure(create_and_destroy);
}

static int create_with_two_vcpus(void)
{
	struct vm vm;
	int err = vm_create(&vm, "failnth", 2);

	return vm.fd < 0 ? err : destroy(&vm, err);
}

TEST(creation_with_two_vcpus_copes_with_each_allocation_failing)
{
	with_each_failure(create_with_two_vcpus);
}

/* The VM may die of it, but then it says so. */
static int run_guest(struct code code, uint32_t value)
{
	struct vamhost_vm_wait wait;
	struct vm vm;
	int err;

	err = vm_create(&vm, "failnth", 1);
	if (vm.fd < 0)
		return err;
	if (!err)
		err = vm_load(&vm, 0, code);
	if (!err)
		err = vm_start(&vm);
	if (!err)
		err = vm_wait(&vm, 10000, &wait);
	if (!err && wait.out_end == VAMHOST_END_KILLED) {
		EXPECT(strstr(wait.out_reason, "memory"));
		err = -ENOMEM;
	} else if (!err && (wait.out_end != VAMHOST_END_EXIT ||
			    wait.out_exit_value != value)) {
		err = -EPROTO;
	}
	return destroy(&vm, err);
}

static int run_and_exit(void)
{
	return run_guest(GUEST_EXIT_42, 42);
}

TEST(a_guest_copes_with_each_allocation_failing)
{
	with_each_failure(run_and_exit);
}

/*
 * Touches many pages through page tables of its own, so that shadow tables have
 * to be made while it runs:
 *	mov eax, 0x80000 ; page directory: 4 MiB pages, identity
 *	mov dword [eax], 0x83
 *	mov cr3, eax
 *	mov eax, 0x10 ; mov cr4, eax
 *	mov eax, 0x80000011 ; mov cr0, eax
 *	mov ecx, 0x1ff000 ; 1: cmp ecx, 0x90000 ; jb 2f
 *	inc dword [ecx] ; sub ecx, 0x1000 ; jmp 1b
 *	2: mov al, 42 ; out 0xf4, al ; jmp .
 */
#define GUEST_PAGING                                    \
	CODE("\xb8\x00\x00\x08\x00"                     \
	     "\xc7\x00\x83\x00\x00\x00"                 \
	     "\x0f\x22\xd8"                             \
	     "\xb8\x10\x00\x00\x00\x0f\x22\xe0"         \
	     "\xb8\x11\x00\x00\x80\x0f\x22\xc0"         \
	     "\xb9\x00\xf0\x1f\x00"                     \
	     "\x81\xf9\x00\x00\x09\x00\x72\x0a"         \
	     "\xff\x01\x81\xe9\x00\x10\x00\x00\xeb\xee" \
	     "\xb0\x2a\xe6\xf4\xeb\xfe")

static int run_with_paging(void)
{
	return run_guest(GUEST_PAGING, 42);
}

TEST(a_guest_with_page_tables_copes_with_each_allocation_failing)
{
	with_each_failure(run_with_paging);
}

static int use_console(void)
{
	struct vamhost_console_read read = { .size = sizeof(read) };
	struct vamhost_console_write write = { .size = sizeof(write) };
	char buffer[64] = "x";
	struct vm vm;
	int fd, err;

	err = vm_create(&vm, "failnth", 1);
	if (vm.fd < 0)
		return err;
	read.user_va = write.user_va = (uintptr_t)buffer;
	read.length = sizeof(buffer);
	write.length = 1;
	if (!err && ioctl(vm.fd, VAMHOST_CONSOLE_READ, &read))
		err = -errno;
	if (!err && ioctl(vm.fd, VAMHOST_CONSOLE_WRITE, &write))
		err = -errno;
	if (!err) {
		fd = vm_open(vm.id, NULL);
		if (fd < 0)
			err = fd;
		else
			close(fd);
	}
	return destroy(&vm, err);
}

TEST(console_and_open_cope_with_each_allocation_failing)
{
	with_each_failure(use_console);
}

TAP_MAIN()
