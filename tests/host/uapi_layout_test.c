// SPDX-License-Identifier: GPL-2.0
/*
 * uapi_layout_test.c - the structs of vamhost.h have exactly the layout that was
 * promised, for 64-bit and 32-bit callers alike
 *
 * Sizes and offsets are written down as numbers here, on purpose: a change of
 * the header that moves a field must be seen to change this file as well.
 */
#include <stddef.h>
#include <vamhost/vamhost.h>
#include "tap.h"

struct field {
	const char *name;
	size_t offset, expected;
};

static void check_struct(const char *name, size_t size, size_t expected,
			 const struct field *f, size_t n)
{
	bool good = size == expected;
	size_t i;

	if (size != expected)
		tap_note("%s has %zu bytes, not %zu", name, size, expected);
	for (i = 0; i < n; i++) {
		if (f[i].offset == f[i].expected)
			continue;
		tap_note("%s.%s is at %zu, not %zu", name, f[i].name,
			 f[i].offset, f[i].expected);
		good = false;
	}
	tap_ok(good, name);
}

#define F(field, at)                                  \
	{                                             \
#field, offsetof(struct S, field), at \
	}
#define CHECK(first, ...)                                                   \
	do {                                                                \
		static const struct field f[] = { F(first, 0), F(flags, 4), \
						  __VA_ARGS__ };            \
		check_struct(NAME, sizeof(struct S), size_of, f,            \
			     sizeof(f) / sizeof(f[0]));                     \
	} while (0)

static void check_device_commands(void)
{
	size_t size_of;

#define S vamhost_info
#define NAME "vamhost_info"
	size_of = 80;
	CHECK(size, F(out_abi, 8), F(out_vcpus_max, 12), F(out_features, 16),
	      F(out_stats, 24), F(out_vms, 28), F(out_backend, 32),
	      F(out_version, 48));
#undef S
#undef NAME
#define S vamhost_vm_create
#define NAME "vamhost_vm_create"
	size_of = 72;
	CHECK(size, F(memory, 8), F(nr_vcpus, 16), F(node, 20),
	      F(console_size, 24), F(mmu_pages, 28), F(name, 32),
	      F(out_vm_id, 64), F(out_fd, 68));
#undef S
#undef NAME
#define S vamhost_vm_open
#define NAME "vamhost_vm_open"
	size_of = 56;
	CHECK(size, F(vm_id, 8), F(out_vm_id, 12), F(name, 16), F(out_fd, 48),
	      F(reserved, 52));
#undef S
#undef NAME
#define S vamhost_vm_next
#define NAME "vamhost_vm_next"
	size_of = 48;
	CHECK(size, F(after, 8), F(out_vm_id, 12), F(out_name, 16));
#undef S
#undef NAME
#define S vamhost_stat_name
#define NAME "vamhost_stat_name"
	size_of = 48;
	CHECK(size, F(index, 8), F(reserved, 12), F(out_name, 16));
#undef S
#undef NAME
}

static void check_vm_commands(void)
{
	size_t size_of;

#define S vamhost_vm_status
#define NAME "vamhost_vm_status"
	size_of = 232;
	CHECK(size, F(out_vm_id, 8), F(out_state, 12), F(out_end, 16),
	      F(out_exit_value, 20), F(out_nr_vcpus, 24), F(out_destroyed, 28),
	      F(out_memory, 32), F(out_name, 40), F(out_reason, 72));
#undef S
#undef NAME
#define S vamhost_vm_kill
#define NAME "vamhost_vm_kill"
	size_of = 168;
	CHECK(size, F(reason, 8));
#undef S
#undef NAME
#define S vamhost_vm_wait
#define NAME "vamhost_vm_wait"
	size_of = 184;
	CHECK(size, F(timeout_ms, 8), F(out_end, 12), F(out_exit_value, 16),
	      F(reserved, 20), F(out_reason, 24));
#undef S
#undef NAME
#define S vamhost_vm_stat
#define NAME "vamhost_vm_stat"
	size_of = 32;
	CHECK(size, F(vcpu, 8), F(count, 12), F(user_va, 16), F(out_count, 24),
	      F(reserved, 28));
#undef S
#undef NAME
#define S vamhost_vm_pins
#define NAME "vamhost_vm_pins"
	size_of = 48;
	CHECK(size, F(out_ram, 8), F(out_shadow, 16), F(out_vcpu, 24),
	      F(out_iommu, 32), F(out_bar, 40));
#undef S
#undef NAME
#define S vamhost_console_read
#define NAME "vamhost_console_read"
	size_of = 48;
	CHECK(size, F(pos, 8), F(user_va, 16), F(length, 24), F(out_length, 28),
	      F(out_pos, 32), F(out_lost, 40));
#undef S
#undef NAME
#define S vamhost_console_write
#define NAME "vamhost_console_write"
	size_of = 24;
	CHECK(size, F(user_va, 8), F(length, 16), F(out_length, 20));
#undef S
#undef NAME
	tap_ok(sizeof(struct vamhost_vm_start) == 8 &&
		       sizeof(struct vamhost_vm_pause) == 8 &&
		       sizeof(struct vamhost_vm_resume) == 8 &&
		       sizeof(struct vamhost_vm_destroy) == 8,
	       "commands without fields");
}

static void check_registers(void)
{
	size_t size_of = 512;

	tap_ok(sizeof(struct vamhost_seg) == 16 &&
		       offsetof(struct vamhost_seg, attr) == 2 &&
		       offsetof(struct vamhost_seg, limit) == 4 &&
		       offsetof(struct vamhost_seg, base) == 8,
	       "vamhost_seg");
#define S vamhost_vcpu_state
#define NAME "vamhost_vcpu_state"
	CHECK(size, F(vcpu, 8), F(run, 12), F(blocked, 16), F(reserved, 20),
	      F(gpr, 24), F(rip, 152), F(rflags, 160), F(seg, 168), F(cr0, 328),
	      F(cr2, 336), F(cr3, 344), F(cr4, 352), F(cr8, 360), F(efer, 368),
	      F(xcr0, 376), F(dr, 384), F(dr6, 416), F(dr7, 424), F(star, 432),
	      F(lstar, 440), F(cstar, 448), F(sfmask, 456),
	      F(kernel_gs_base, 464), F(sysenter_cs, 472), F(sysenter_esp, 480),
	      F(sysenter_eip, 488), F(pat, 496), F(tsc_aux, 504));
#undef S
#undef NAME
}

static void check_numbers(void)
{
	tap_ok(VAMHOST_INFO == 0xdd00 && VAMHOST_VM_CREATE == 0xdd01 &&
		       VAMHOST_VM_OPEN == 0xdd02 && VAMHOST_VM_NEXT == 0xdd03 &&
		       VAMHOST_STAT_NAME == 0xdd04,
	       "numbers of the commands on the device");
	tap_ok(VAMHOST_VM_STATUS == 0xdd40 && VAMHOST_VM_START == 0xdd41 &&
		       VAMHOST_VM_PAUSE == 0xdd42 &&
		       VAMHOST_VM_RESUME == 0xdd43 &&
		       VAMHOST_VM_KILL == 0xdd44 && VAMHOST_VM_WAIT == 0xdd45 &&
		       VAMHOST_VM_DESTROY == 0xdd46 &&
		       VAMHOST_VM_STAT == 0xdd47 && VAMHOST_VM_PINS == 0xdd48 &&
		       VAMHOST_VCPU_GET_STATE == 0xdd49 &&
		       VAMHOST_VCPU_SET_STATE == 0xdd4a &&
		       VAMHOST_CONSOLE_READ == 0xdd4b &&
		       VAMHOST_CONSOLE_WRITE == 0xdd4c,
	       "numbers of the commands on a VM");
	tap_ok(VAMHOST_VM_DEAD == 3 && VAMHOST_END_USER == 3 &&
		       VAMHOST_NR_GPRS == 16 && VAMHOST_R15 == 15 &&
		       VAMHOST_ES == 0 && VAMHOST_GS == 5 &&
		       VAMHOST_IDTR == 9 && VAMHOST_NR_SEGS == 10,
	       "values of the enumerations");
}

int main(void)
{
	check_device_commands();
	check_vm_commands();
	check_registers();
	check_numbers();
	return tap_done();
}
