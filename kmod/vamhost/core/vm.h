/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core/vm.h - a virtual machine: what it owns, how it lives and dies
 *
 * Life: created -> running <-> paused -> dead. A VM is found by name or id,
 * lives on when its creator exits, and goes away when it is destroyed
 * explicitly (or the module is unloaded, which needs it destroyed first).
 * A dead VM keeps its memory, registers and last words until then.
 *
 * Layer:    core.
 */
#ifndef VAM_CORE_VM_H
#define VAM_CORE_VM_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include "core/mem.h"
#include "core/pin.h"
#include "core/vcpu.h"

#define VAM_NAME_MAX 32 /* bytes, with the terminating zero */
#define VAM_VCPUS_MAX 64
#define VAM_REASON_MAX 160

struct vam_mmu;
struct vam_irq;
struct vam_bus;
struct vam_devices;

enum vam_vm_state {
	VAM_VM_CREATED,
	VAM_VM_RUNNING,
	VAM_VM_PAUSED,
	VAM_VM_DEAD,
};

/* Why a VM is dead. */
enum vam_vm_end {
	VAM_END_NONE,
	VAM_END_EXIT, /* the guest wrote to the debug-exit port */
	VAM_END_KILLED, /* it did something impossible, or we did; see reason */
	VAM_END_USER, /* someone asked for it */
};

/*
 * Who may touch a field: (c) constant after creation, (a) atomic or
 * READ_ONCE, [l] under ->lock, [s] under ->state_lock
 */
struct vam_vm {
	struct kref ref; /* (a) */
	struct list_head node; /* under the list lock of core/vm.c */
	u32 id; /* (c) never reused */
	char name[VAM_NAME_MAX]; /* (c) */
	struct mutex lock; /* creation, start, pause, destruction */

	spinlock_t state_lock; /* irq-safe */
	enum vam_vm_state state; /* [s], readable with READ_ONCE */
	enum vam_vm_end end; /* [s] */
	u32 exit_value; /* [s] what the guest wrote to the exit port */
	char reason[VAM_REASON_MAX]; /* [s] last words, set once */
	wait_queue_head_t wait; /* state changes, console output */

	unsigned int nr_vcpus; /* (c) */
	struct vam_vcpu *vcpus[VAM_VCPUS_MAX]; /* (c) */

	struct vam_mem mem; /* (c) see core/mem.h */
	struct vam_pin_ledger pins; /* (a) see core/pin.h */
	u64 tsc_base; /* (c) host TSC at creation: the vCPUs' zero */
	u32 console_size; /* (c) bytes of console output kept */
	u32 config_mmu_pages; /* (c) asked-for budget of shadow pages, or 0 */
	atomic_t nr_active; /* (a) vCPU threads not standing still */

	unsigned int parts_made; /* [l] how far creation came in vam_parts */
	struct vam_mmu *mmu; /* (c) owned by mmu/ */
	struct vam_irq *irq; /* (c) owned by irq/ */
	struct vam_bus *bus; /* (c) owned by dev/ */
	struct vam_devices *devices; /* (c) owned by dev/ */
	struct dentry *debugfs; /* (c) owned by ctl/ */
};

/* What a handler answers when the VM must not run on. */
#define VAM_STOP 1

/**
 * struct vam_vm_config - what a new VM shall be
 * @name: unique among living VMs; letters, digits, '-', '_', '.'
 * @memory: bytes of RAM, a multiple of 4 KiB, 1 MiB to 1 TiB
 * @nr_vcpus: 1 to VAM_VCPUS_MAX
 * @node: NUMA node to prefer, NUMA_NO_NODE for none
 * @console_size: bytes of console output to keep, power of two
 * @mmu_pages: budget of shadow pages, 0 for the default
 */
struct vam_vm_config {
	char name[VAM_NAME_MAX];
	u64 memory;
	unsigned int nr_vcpus;
	int node;
	u32 console_size;
	u32 mmu_pages;
};

/**
 * vam_vm_create() - make a VM: memory, parts, vCPUs; not yet running
 * @config: checked here, hostile values welcome
 *
 * Context: may sleep. Return: the VM with one reference for the caller,
 * published under its name as the last step; or ERR_PTR: -EINVAL, -EEXIST,
 * -ENOMEM.
 */
struct vam_vm *vam_vm_create(const struct vam_vm_config *config);

/**
 * vam_vm_start() - let the vCPUs run; also resumes a paused VM
 * @vm: the VM
 *
 * Context: may sleep. Return: 0; -EBUSY when it is dead.
 */
int vam_vm_start(struct vam_vm *vm);

/**
 * vam_vm_pause() - stop the vCPUs and wait until they stand still
 * @vm: the VM
 *
 * Context: may sleep. Return: 0; -EBUSY when it is not running; -EINTR.
 */
int vam_vm_pause(struct vam_vm *vm);

/**
 * vam_vm_is_stopped() - do all vCPU threads stand still, so that state may be
 * read and written by others?
 * @vm: the VM; vm->lock held
 */
bool vam_vm_is_stopped(struct vam_vm *vm);

/**
 * vam_vm_kill() - the guest (or we) did something impossible: end the VM
 * @vm: the VM
 * @fmt: why, one sentence with numbers; the first reason is kept
 *
 * Context: any, never sleeps. Return: VAM_STOP, for "return vam_vm_kill(...)".
 */
__printf(2, 3) int vam_vm_kill(struct vam_vm *vm, const char *fmt, ...);

/**
 * vam_vm_end() - the VM ends for a reason that is nobody's fault
 * @vm: the VM
 * @end: VAM_END_EXIT or VAM_END_USER
 * @value: for VAM_END_EXIT, what the guest wrote
 * @why: constant sentence, or NULL
 *
 * Context: any, never sleeps. Return: VAM_STOP.
 */
int vam_vm_end(struct vam_vm *vm, enum vam_vm_end end, u32 value,
	       const char *why);

/**
 * vam_vm_is_dead() - has the VM ended, for whatever reason?
 * @vm: the VM
 *
 * Context: any. It stays so once it is.
 */
static inline bool vam_vm_is_dead(struct vam_vm *vm)
{
	return READ_ONCE(vm->state) == VAM_VM_DEAD;
}

/**
 * vam_vm_destroy() - unpublish, stop and take apart; the rest goes with the
 * last reference
 * @vm: the VM; the caller keeps its own reference
 *
 * Context: may sleep; waits for the vCPU threads, never on the guest.
 * Return: 0; -ENOENT when somebody else destroyed it first.
 */
int vam_vm_destroy(struct vam_vm *vm);

/**
 * vam_vm_get() - one reference more
 * @vm: the VM, on which the caller has a reference
 *
 * Context: any. Return: @vm.
 */
static inline struct vam_vm *vam_vm_get(struct vam_vm *vm)
{
	kref_get(&vm->ref);
	return vm;
}

/**
 * vam_vm_put() - give a reference back; the last one frees the VM
 * @vm: the VM
 *
 * Context: may sleep.
 */
void vam_vm_put(struct vam_vm *vm);

/**
 * vam_vm_find() - look a VM up by its number
 * @id: any
 *
 * Context: may sleep. Return: the VM, referenced, or NULL.
 */
struct vam_vm *vam_vm_find(u32 id);

/**
 * vam_vm_find_name() - look a VM up by its name
 * @name: any string
 *
 * Context: may sleep. Return: the VM, referenced, or NULL.
 */
struct vam_vm *vam_vm_find_name(const char *name);

/**
 * vam_vm_next() - walk over all VMs by id
 * @after: id to start behind, 0 for the first
 *
 * Return: the VM with the lowest id above @after, referenced, or NULL.
 */
struct vam_vm *vam_vm_next(u32 after);

/**
 * vam_vm_enter_running() - may this vCPU thread run now?
 * @vm: its VM
 *
 * Context: the vCPU thread. Return: true, counted as active; false when the
 * VM is not in the running state: stand still.
 */
bool vam_vm_enter_running(struct vam_vm *vm);

/**
 * vam_vm_leave_running() - the opposite of a vam_vm_enter_running() that was true
 * @vm: its VM
 *
 * Context: the vCPU thread. Wakes who waits for the VM to stand still.
 */
void vam_vm_leave_running(struct vam_vm *vm);

#endif /* VAM_CORE_VM_H */
