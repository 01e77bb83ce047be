// SPDX-License-Identifier: GPL-2.0
/*
 * core/vm.c - make, find, start, stop and unmake virtual machines
 *
 * What a VM consists of is listed in parts.c; this file only walks that list.
 * A VM is published (can be found) as the last step of its creation and
 * unpublished as the first of its destruction. Its threads are gone when
 * vam_vm_destroy() returns; memory and parts go with the last reference,
 * because an open file may still be looking at them.
 *
 * Layer:    core. Called from ctl and run.
 * Locks:    list_lock guards the list of VMs; vm->lock serializes starting,
 *           pausing and unmaking; vm->state_lock (irq-safe, innermost) guards
 *           the state and the last words.
 * Not here: the vCPU threads' loop, run/run.c; guest RAM, core/mem.c.
 */
#define pr_fmt(fmt) "vamhost: " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include "core/alloc.h"
#include "core/part.h"
#include "core/vm.h"

static DEFINE_MUTEX(list_lock);
static LIST_HEAD(vms); /* by rising id */
static u32 last_id;

static bool name_is_good(const char *name)
{
	size_t len = strnlen(name, VAM_NAME_MAX);

	if (!len || len == VAM_NAME_MAX || name[0] == '.')
		return false;
	for (; *name; name++)
		if (!isalnum(*name) && !strchr("-_.", *name))
			return false;
	return true;
}

static int check_config(const struct vam_vm_config *config)
{
	if (!name_is_good(config->name))
		return -EINVAL;
	if (config->memory & ~VAM_PAGE_MASK || config->memory < (1ULL << 20) ||
	    config->memory > (1ULL << 40))
		return -EINVAL;
	if (!config->nr_vcpus || config->nr_vcpus > VAM_VCPUS_MAX)
		return -EINVAL;
	if (config->node != NUMA_NO_NODE &&
	    (config->node < 0 || config->node >= MAX_NUMNODES ||
	     !node_online(config->node)))
		return -EINVAL;
	if (config->console_size < 4096 || config->console_size > (64 << 20) ||
	    config->console_size & (config->console_size - 1))
		return -EINVAL;
	return 0;
}

/* Everything that vam_vm_create() made, in the opposite order. */
static void take_apart(struct vam_vm *vm)
{
	unsigned int i;

	for (i = vm->nr_vcpus; i-- > 0;)
		if (vm->vcpus[i])
			vam_vcpu_destroy(vm->vcpus[i]);
	while (vm->parts_made) {
		const struct vam_part *part = vam_parts[--vm->parts_made];

		if (part->vm_destroy)
			part->vm_destroy(vm);
	}
	vam_mem_destroy(vm);
	for (i = 0; i < VAM_PIN_NR; i++)
		WARN_ONCE(vam_pin_read(&vm->pins, i),
			  "VM %s: ledger entry %u ends at %lld\n", vm->name, i,
			  vam_pin_read(&vm->pins, i));
}

static int make_parts(struct vam_vm *vm)
{
	const struct vam_part *part;
	int err;

	while ((part = vam_parts[vm->parts_made])) {
		err = part->vm_create ? part->vm_create(vm) : 0;
		if (err)
			return err;
		vm->parts_made++;
	}
	return 0;
}

static int make_vcpus(struct vam_vm *vm, unsigned int n)
{
	int err;

	for (vm->nr_vcpus = 0; vm->nr_vcpus < n; vm->nr_vcpus++) {
		err = vam_vcpu_create(vm, vm->nr_vcpus);
		if (err)
			return err;
	}
	return 0;
}

/* The name is free and ours from here on. */
static int publish(struct vam_vm *vm)
{
	struct vam_vm *other;
	int err = 0;

	mutex_lock(&list_lock);
	list_for_each_entry(other, &vms, node) {
		if (!strcmp(other->name, vm->name)) {
			err = -EEXIST;
			goto out_unlock;
		}
	}
	if (last_id == U32_MAX) {
		err = -ENOSPC;
		goto out_unlock;
	}
	vm->id = ++last_id;
	list_add_tail(&vm->node, &vms);
	kref_get(&vm->ref); /* the list's */
out_unlock:
	mutex_unlock(&list_lock);
	return err;
}

struct vam_vm *vam_vm_create(const struct vam_vm_config *config)
{
	struct vam_vm *vm;
	int err;

	err = check_config(config);
	if (err)
		return ERR_PTR(err);
	vm = vam_zalloc(sizeof(*vm));
	if (!vm)
		return ERR_PTR(-ENOMEM);

	kref_init(&vm->ref);
	INIT_LIST_HEAD(&vm->node);
	mutex_init(&vm->lock);
	spin_lock_init(&vm->state_lock);
	init_waitqueue_head(&vm->wait);
	strscpy(vm->name, config->name, sizeof(vm->name));
	vm->console_size = config->console_size;
	vm->config_mmu_pages = config->mmu_pages;
	vm->tsc_base = rdtsc_ordered();

	err = vam_mem_create(vm, config->memory, config->node);
	if (!err)
		err = make_parts(vm);
	if (!err)
		err = make_vcpus(vm, config->nr_vcpus);
	if (!err)
		err = publish(vm);
	if (err) {
		take_apart(vm);
		kfree(vm);
		return ERR_PTR(err);
	}
	__module_get(THIS_MODULE); /* until release() */
	return vm;
}

static void release(struct kref *ref)
{
	struct vam_vm *vm = container_of(ref, struct vam_vm, ref);

	take_apart(vm);
	kfree(vm);
	module_put(THIS_MODULE);
}

void vam_vm_put(struct vam_vm *vm)
{
	kref_put(&vm->ref, release);
}

struct vam_vm *vam_vm_find(u32 id)
{
	struct vam_vm *vm = id ? vam_vm_next(id - 1) : NULL;

	if (vm && vm->id != id) {
		vam_vm_put(vm);
		vm = NULL;
	}
	return vm;
}

struct vam_vm *vam_vm_find_name(const char *name)
{
	struct vam_vm *vm, *found = NULL;

	mutex_lock(&list_lock);
	list_for_each_entry(vm, &vms, node)
		if (!strcmp(vm->name, name))
			found = vam_vm_get(vm);
	mutex_unlock(&list_lock);
	return found;
}

struct vam_vm *vam_vm_next(u32 after)
{
	struct vam_vm *vm, *found = NULL;

	mutex_lock(&list_lock);
	list_for_each_entry(vm, &vms, node) {
		if (vm->id > after) {
			found = vam_vm_get(vm);
			break;
		}
	}
	mutex_unlock(&list_lock);
	return found;
}

static void stop_vcpus(struct vam_vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		vam_vcpu_request(vm->vcpus[i], VAM_REQ_STOP);
		vam_vcpu_kick(vm->vcpus[i]);
	}
}

int vam_vm_start(struct vam_vm *vm)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&vm->lock);
	spin_lock_irq(&vm->state_lock);
	if (vm->state == VAM_VM_DEAD)
		err = -EBUSY;
	else
		WRITE_ONCE(vm->state, VAM_VM_RUNNING);
	spin_unlock_irq(&vm->state_lock);
	if (!err) {
		for (i = 0; i < vm->nr_vcpus; i++)
			wake_up_process(vm->vcpus[i]->task);
		wake_up(&vm->wait);
	}
	mutex_unlock(&vm->lock);
	return err;
}

int vam_vm_pause(struct vam_vm *vm)
{
	int err = 0;

	mutex_lock(&vm->lock);
	spin_lock_irq(&vm->state_lock);
	if (vm->state == VAM_VM_RUNNING)
		WRITE_ONCE(vm->state, VAM_VM_PAUSED);
	else if (vm->state != VAM_VM_PAUSED)
		err = -EBUSY;
	spin_unlock_irq(&vm->state_lock);
	if (!err) {
		stop_vcpus(vm);
		/* Ends soon: a kicked vCPU leaves the guest at once. */
		err = wait_event_killable(vm->wait,
					  !atomic_read(&vm->nr_active));
	}
	mutex_unlock(&vm->lock);
	return err;
}

bool vam_vm_is_stopped(struct vam_vm *vm)
{
	/* Acquire: what the threads wrote before they stood still is seen. */
	return READ_ONCE(vm->state) != VAM_VM_RUNNING &&
	       !atomic_read_acquire(&vm->nr_active);
}

bool vam_vm_enter_running(struct vam_vm *vm)
{
	bool run;

	spin_lock_irq(&vm->state_lock);
	run = vm->state == VAM_VM_RUNNING;
	if (run)
		atomic_inc(&vm->nr_active);
	spin_unlock_irq(&vm->state_lock);
	return run;
}

void vam_vm_leave_running(struct vam_vm *vm)
{
	if (atomic_dec_and_test(&vm->nr_active))
		wake_up(&vm->wait);
}

/* The first end is kept. Returns whether this one was it. */
static bool end_vm(struct vam_vm *vm, enum vam_vm_end end, u32 value,
		   const char *fmt, va_list args)
{
	unsigned long flags;
	bool first;

	spin_lock_irqsave(&vm->state_lock, flags);
	first = vm->state != VAM_VM_DEAD;
	if (first) {
		WRITE_ONCE(vm->state, VAM_VM_DEAD);
		vm->end = end;
		vm->exit_value = value;
		if (fmt)
			vsnprintf(vm->reason, sizeof(vm->reason), fmt, args);
	}
	spin_unlock_irqrestore(&vm->state_lock, flags);
	if (first) {
		stop_vcpus(vm);
		wake_up(&vm->wait);
	}
	return first;
}

int vam_vm_kill(struct vam_vm *vm, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (end_vm(vm, VAM_END_KILLED, 0, fmt, args))
		pr_info_ratelimited("VM %s killed: %s\n", vm->name, vm->reason);
	va_end(args);
	return VAM_STOP;
}

static bool end_vm_plainly(struct vam_vm *vm, enum vam_vm_end end, u32 value,
			   const char *fmt, ...)
{
	va_list args;
	bool first;

	va_start(args, fmt);
	first = end_vm(vm, end, value, fmt, args);
	va_end(args);
	return first;
}

int vam_vm_end(struct vam_vm *vm, enum vam_vm_end end, u32 value,
	       const char *why)
{
	end_vm_plainly(vm, end, value, why ? "%s" : NULL, why);
	return VAM_STOP;
}

int vam_vm_destroy(struct vam_vm *vm)
{
	unsigned int i;
	bool listed;

	mutex_lock(&list_lock);
	listed = !list_empty(&vm->node);
	list_del_init(&vm->node);
	mutex_unlock(&list_lock);
	if (!listed)
		return -ENOENT;

	vam_vm_end(vm, VAM_END_USER, 0, "destroyed");
	mutex_lock(&vm->lock);
	for (i = 0; i < vm->nr_vcpus; i++)
		vam_vcpu_stop(vm->vcpus[i]);
	mutex_unlock(&vm->lock);
	vam_vm_put(vm); /* the list's reference */
	return 0;
}
