// SPDX-License-Identifier: GPL-2.0
/*
 * ctl/debugfs.c - the same facts as the ioctls give, as text for people
 *
 * vamhost/ledger                what the module holds in all; zeros without VMs
 * vamhost/<id>-<name>/state     life and registers of a VM, in short
 * vamhost/<id>-<name>/stat      its counters, the sum and each vCPU's
 * vamhost/<id>-<name>/pins      what it holds of the host
 * vamhost/fail_nth              test builds only: the number of the allocation
 *                               that shall fail, counted from this write on
 * vamhost/allocations           likewise: how many there were since
 *
 * Layer:    ctl. Called from ctl/ctl.c and the ioctl handlers.
 * Locks:    debugfs_lock orders adding a VM against its destruction by another
 *           thread. Removing a directory waits for readers in it, so that files
 *           need no references.
 * Not here: the machine-readable form, ctl/ioctl_vm.c.
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include "core/alloc.h"
#include "core/pin.h"
#include "core/stat.h"
#include "core/vm.h"
#include "ctl/ctl.h"

static DEFINE_MUTEX(debugfs_lock);
static struct dentry *root;

static const char *const pin_names[VAM_PIN_NR] = {
	[VAM_PIN_RAM] = "ram",	 [VAM_PIN_SHADOW] = "shadow",
	[VAM_PIN_VCPU] = "vcpu", [VAM_PIN_IOMMU] = "iommu",
	[VAM_PIN_BAR] = "bar",
};

static const char *const state_names[] = {
	[VAM_VM_CREATED] = "created",
	[VAM_VM_RUNNING] = "running",
	[VAM_VM_PAUSED] = "paused",
	[VAM_VM_DEAD] = "dead",
};

static const char *const vcpu_state_names[] = {
	[VAM_VCPU_RUNNABLE] = "runnable",
	[VAM_VCPU_HALTED] = "halted",
	[VAM_VCPU_WAIT_SIPI] = "wait-sipi",
};

static void show_ledger(struct seq_file *m, struct vam_pin_ledger *ledger)
{
	unsigned int i;

	for (i = 0; i < VAM_PIN_NR; i++)
		seq_printf(m, "%s %lld\n", pin_names[i],
			   vam_pin_read(ledger, i));
}

static int ledger_show(struct seq_file *m, void *unused)
{
	show_ledger(m, &vam_pin_total);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ledger);

static int pins_show(struct seq_file *m, void *unused)
{
	struct vam_vm *vm = m->private;

	show_ledger(m, &vm->pins);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pins);

static int stat_show(struct seq_file *m, void *unused)
{
	struct vam_vm *vm = m->private;
	unsigned int i, s;
	u64 sum;

	for (s = 0; s < VAM_STAT_NR; s++) {
		for (i = 0, sum = 0; i < vm->nr_vcpus; i++)
			sum += READ_ONCE(vm->vcpus[i]->stat[s]);
		seq_printf(m, "%s %llu", vam_stat_name(s), sum);
		for (i = 0; i < vm->nr_vcpus; i++)
			seq_printf(m, " %llu",
				   READ_ONCE(vm->vcpus[i]->stat[s]));
		seq_putc(m, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stat);

/* Of a vCPU that runs, the registers are those of its last exit, more or less. */
static int state_show(struct seq_file *m, void *unused)
{
	struct vam_vm *vm = m->private;
	struct vam_vcpu *vcpu;
	unsigned int i;

	spin_lock_irq(&vm->state_lock);
	seq_printf(m, "state %s\nend %u value %u reason %s\n",
		   state_names[vm->state], vm->end, vm->exit_value, vm->reason);
	spin_unlock_irq(&vm->state_lock);
	seq_printf(m, "memory %llu\n", vm->mem.size);
	for (i = 0; i < vm->nr_vcpus; i++) {
		vcpu = vm->vcpus[i];
		seq_printf(m, "vcpu %u %s pid %d cpu %d requests %#lx exit %u",
			   i, vcpu_state_names[READ_ONCE(vcpu->state)],
			   task_pid_nr(vcpu->task), READ_ONCE(vcpu->cpu),
			   READ_ONCE(vcpu->requests),
			   READ_ONCE(vcpu->exit.kind));
		seq_printf(m, " rip %#llx rflags %#llx",
			   READ_ONCE(vcpu->regs.rip),
			   READ_ONCE(vcpu->regs.rflags));
		seq_printf(m, " cr0 %#llx cr3 %#llx cr4 %#llx efer %#llx\n",
			   READ_ONCE(vcpu->sys.cr0), READ_ONCE(vcpu->sys.cr3),
			   READ_ONCE(vcpu->sys.cr4), READ_ONCE(vcpu->sys.efer));
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

#ifdef VAM_FAILNTH
static int get_fail_nth(void *unused, u64 *value)
{
	*value = 0;
	return 0;
}

static int set_fail_nth(void *unused, u64 value)
{
	vam_alloc_fail_nth(value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(fail_nth_fops, get_fail_nth, set_fail_nth, "%llu\n");

static int get_allocations(void *unused, u64 *value)
{
	*value = vam_alloc_count();
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(allocations_fops, get_allocations, NULL, "%llu\n");

static void add_fail_nth(void)
{
	debugfs_create_file_unsafe("fail_nth", 0600, root, NULL,
				   &fail_nth_fops);
	debugfs_create_file_unsafe("allocations", 0400, root, NULL,
				   &allocations_fops);
}
#else
static void add_fail_nth(void)
{
}
#endif

void vam_debugfs_add(struct vam_vm *vm)
{
	char name[VAM_NAME_MAX + 12];
	struct dentry *dir;

	snprintf(name, sizeof(name), "%u-%s", vm->id, vm->name);
	mutex_lock(&debugfs_lock);
	/* Destroyed by somebody else by now? Then nobody would remove it. */
	if (!list_empty_careful(&vm->node)) {
		dir = debugfs_create_dir(name, root);
		debugfs_create_file("state", 0400, dir, vm, &state_fops);
		debugfs_create_file("stat", 0400, dir, vm, &stat_fops);
		debugfs_create_file("pins", 0400, dir, vm, &pins_fops);
		vm->debugfs = dir;
	}
	mutex_unlock(&debugfs_lock);
}

void vam_debugfs_remove(struct vam_vm *vm)
{
	mutex_lock(&debugfs_lock);
	debugfs_remove(vm->debugfs);
	vm->debugfs = NULL;
	mutex_unlock(&debugfs_lock);
}

void vam_debugfs_init(void)
{
	root = debugfs_create_dir("vamhost", NULL);
	debugfs_create_file("ledger", 0400, root, NULL, &ledger_fops);
	add_fail_nth();
}

void vam_debugfs_exit(void)
{
	debugfs_remove(root);
}
