// SPDX-License-Identifier: GPL-2.0
/*
 * ctl/ioctl_vm.c - commands on a VM: its life, counters and console
 *
 * The descriptor holds a reference, so the VM and all its parts are there for
 * as long as a handler runs, whoever destroys it meanwhile.
 *
 * Layer:    ctl. Called through the table in ctl/ioctl.c.
 * Locks:    vm->state_lock for the last words; the rest is core's business.
 *           Everything may sleep; only VM_WAIT waits for the guest.
 * Not here: registers, ctl/ioctl_vcpu.c.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "ctl/ctl.h"
#include "ctl/ioctl.h"
#include "dev/uart.h"

#define CONSOLE_CHUNK 16384 /* most that one call moves */

static_assert((int)VAMHOST_VM_CREATED == (int)VAM_VM_CREATED);
static_assert((int)VAMHOST_VM_RUNNING == (int)VAM_VM_RUNNING);
static_assert((int)VAMHOST_VM_PAUSED == (int)VAM_VM_PAUSED);
static_assert((int)VAMHOST_VM_DEAD == (int)VAM_VM_DEAD);
static_assert((int)VAMHOST_END_NONE == (int)VAM_END_NONE);
static_assert((int)VAMHOST_END_EXIT == (int)VAM_END_EXIT);
static_assert((int)VAMHOST_END_KILLED == (int)VAM_END_KILLED);
static_assert((int)VAMHOST_END_USER == (int)VAM_END_USER);

/* The commands that are nothing but a header. */
static_assert(sizeof(struct vamhost_vm_start) == 8);
static_assert(sizeof(struct vamhost_vm_pause) == 8);
static_assert(sizeof(struct vamhost_vm_resume) == 8);
static_assert(sizeof(struct vamhost_vm_destroy) == 8);

/**
 * vam_ioctl_vm_status() - VAMHOST_VM_STATUS
 * @call: the command
 *
 * Return: 0.
 */
int vam_ioctl_vm_status(struct vam_ioctl_call *call)
{
	struct vamhost_vm_status *arg = &call->arg->status;
	struct vam_vm *vm = call->vm;

	arg->out_vm_id = vm->id;
	arg->out_nr_vcpus = vm->nr_vcpus;
	arg->out_memory = vm->mem.size;
	/* Unlinked from the list of VMs once, and never linked again. */
	arg->out_destroyed = list_empty_careful(&vm->node);
	strscpy_pad(arg->out_name, vm->name, sizeof(arg->out_name));

	spin_lock_irq(&vm->state_lock);
	arg->out_state = vm->state;
	arg->out_end = vm->end;
	arg->out_exit_value = vm->exit_value;
	memcpy(arg->out_reason, vm->reason, sizeof(arg->out_reason));
	spin_unlock_irq(&vm->state_lock);
	return 0;
}

/**
 * vam_ioctl_vm_start() - VAMHOST_VM_START
 * @call: the command
 *
 * Return: 0; -EBUSY started before.
 */
int vam_ioctl_vm_start(struct vam_ioctl_call *call)
{
	/* Two callers at once may both be told that they started it. */
	if (READ_ONCE(call->vm->state) != VAM_VM_CREATED)
		return -EBUSY;
	return vam_vm_start(call->vm);
}

/**
 * vam_ioctl_vm_pause() - VAMHOST_VM_PAUSE
 * @call: the command
 *
 * Return: 0; -EBUSY not running; -EINTR.
 */
int vam_ioctl_vm_pause(struct vam_ioctl_call *call)
{
	int err;

	if (READ_ONCE(call->vm->state) != VAM_VM_RUNNING)
		return -EBUSY;
	err = vam_vm_pause(call->vm);
	return err == -ERESTARTSYS ? -EINTR : err;
}

/**
 * vam_ioctl_vm_resume() - VAMHOST_VM_RESUME
 * @call: the command
 *
 * Return: 0; -EBUSY not paused.
 */
int vam_ioctl_vm_resume(struct vam_ioctl_call *call)
{
	if (READ_ONCE(call->vm->state) != VAM_VM_PAUSED)
		return -EBUSY;
	return vam_vm_start(call->vm);
}

/* It will be printed: a terminated string without control characters. */
static bool is_printable(const char *text, size_t size)
{
	size_t i, n = strnlen(text, size);

	if (n == size)
		return false;
	for (i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return true;
}

/**
 * vam_ioctl_vm_kill() - VAMHOST_VM_KILL
 * @call: the command
 *
 * Return: 0; -EINVAL the reason is not printable.
 */
int vam_ioctl_vm_kill(struct vam_ioctl_call *call)
{
	struct vamhost_vm_kill *arg = &call->arg->kill;

	if (!is_printable(arg->reason, sizeof(arg->reason)))
		return -EINVAL;
	vam_vm_end(call->vm, VAM_END_USER, 0,
		   arg->reason[0] ? arg->reason : "killed by request");
	return 0;
}

/**
 * vam_ioctl_vm_wait() - VAMHOST_VM_WAIT
 * @call: the command
 *
 * Return: 0 dead; -ETIMEDOUT; -EINTR.
 */
int vam_ioctl_vm_wait(struct vam_ioctl_call *call)
{
	struct vamhost_vm_wait *arg = &call->arg->wait;
	struct vam_vm *vm = call->vm;
	long left;

	if (arg->reserved)
		return -EINVAL;
	left = wait_event_interruptible_timeout(
		vm->wait, vam_vm_is_dead(vm),
		arg->timeout_ms == VAMHOST_WAIT_FOREVER ?
			MAX_SCHEDULE_TIMEOUT :
			msecs_to_jiffies(arg->timeout_ms));
	if (left < 0)
		return -EINTR;
	if (!left)
		return -ETIMEDOUT;

	spin_lock_irq(&vm->state_lock);
	arg->out_end = vm->end;
	arg->out_exit_value = vm->exit_value;
	memcpy(arg->out_reason, vm->reason, sizeof(arg->out_reason));
	spin_unlock_irq(&vm->state_lock);
	return 0;
}

/**
 * vam_ioctl_vm_destroy() - VAMHOST_VM_DESTROY
 * @call: the command
 *
 * Return: 0; -ENOENT destroyed before.
 */
int vam_ioctl_vm_destroy(struct vam_ioctl_call *call)
{
	int err = vam_vm_destroy(call->vm);

	if (!err)
		vam_debugfs_remove(call->vm);
	return err;
}

/**
 * vam_ioctl_vm_stat() - VAMHOST_VM_STAT
 * @call: the command
 *
 * Return: 0; -ENOENT no such vCPU; -EINVAL; -EFAULT.
 */
int vam_ioctl_vm_stat(struct vam_ioctl_call *call)
{
	struct vamhost_vm_stat *arg = &call->arg->stat;
	unsigned int first = 0, last = call->vm->nr_vcpus, i, s;
	u64 values[VAM_STAT_NR] = {};
	size_t n;

	if (arg->reserved || arg->user_va & 7)
		return -EINVAL;
	if (arg->vcpu != VAMHOST_STAT_TOTAL) {
		if (arg->vcpu >= last)
			return -ENOENT;
		first = array_index_nospec(arg->vcpu, last);
		last = first + 1;
	}
	for (i = first; i < last; i++)
		for (s = 0; s < VAM_STAT_NR; s++)
			values[s] += READ_ONCE(call->vm->vcpus[i]->stat[s]);
	arg->out_count = VAM_STAT_NR;
	n = min_t(size_t, arg->count, VAM_STAT_NR);
	if (copy_to_user(u64_to_user_ptr(arg->user_va), values,
			 n * sizeof(u64)))
		return -EFAULT;
	return 0;
}

/**
 * vam_ioctl_vm_pins() - VAMHOST_VM_PINS
 * @call: the command
 *
 * Return: 0.
 */
int vam_ioctl_vm_pins(struct vam_ioctl_call *call)
{
	struct vamhost_vm_pins *arg = &call->arg->pins;
	struct vam_pin_ledger *pins = &call->vm->pins;

	arg->out_ram = vam_pin_read(pins, VAM_PIN_RAM);
	arg->out_shadow = vam_pin_read(pins, VAM_PIN_SHADOW);
	arg->out_vcpu = vam_pin_read(pins, VAM_PIN_VCPU);
	arg->out_iommu = vam_pin_read(pins, VAM_PIN_IOMMU);
	arg->out_bar = vam_pin_read(pins, VAM_PIN_BAR);
	return 0;
}

/**
 * vam_ioctl_console_read() - VAMHOST_CONSOLE_READ
 * @call: the command
 *
 * Through a buffer of our own, because the console's lock does not allow to
 * touch user memory. Return: 0; -ENOMEM; -EFAULT.
 */
int vam_ioctl_console_read(struct vam_ioctl_call *call)
{
	struct vamhost_console_read *arg = &call->arg->console_read;
	size_t room = min_t(size_t, arg->length, CONSOLE_CHUNK);
	u64 pos = arg->pos, lost = 0;
	char *buffer;
	size_t n;

	buffer = vam_zalloc(CONSOLE_CHUNK);
	if (!buffer)
		return -ENOMEM;
	pos = min(pos, vam_uart_console_end(call->vm));
	n = vam_uart_read_console(call->vm, &pos, buffer, room, &lost);
	if (copy_to_user(u64_to_user_ptr(arg->user_va), buffer, n)) {
		kfree(buffer);
		return -EFAULT;
	}
	kfree(buffer);
	atomic64_set(&call->vm_file->console_pos, pos);
	arg->out_length = n;
	arg->out_pos = pos;
	arg->out_lost = lost;
	return 0;
}

/**
 * vam_ioctl_console_write() - VAMHOST_CONSOLE_WRITE
 * @call: the command
 *
 * Return: 0; -EBUSY the VM is dead; -ENOMEM; -EFAULT.
 */
int vam_ioctl_console_write(struct vam_ioctl_call *call)
{
	struct vamhost_console_write *arg = &call->arg->console_write;
	size_t n = min_t(size_t, arg->length, CONSOLE_CHUNK);
	char *buffer;
	int err = 0;

	if (vam_vm_is_dead(call->vm))
		return -EBUSY;
	buffer = vam_zalloc(CONSOLE_CHUNK);
	if (!buffer)
		return -ENOMEM;
	if (copy_from_user(buffer, u64_to_user_ptr(arg->user_va), n))
		err = -EFAULT;
	else
		arg->out_length = vam_uart_write_console(call->vm, buffer, n);
	kfree(buffer);
	return err;
}
