/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core/part.h - THE OTHER CONTRACT: what a VM is made of
 *
 * Core code makes and unmakes VMs without knowing what is in them. Each
 * subsystem describes itself as a part; parts.c lists them in order. Creation
 * walks the list forwards, undoing walks it backwards from where it stopped.
 *
 * Layer:    core. Tables of this type are defined above and listed in parts.c.
 */
#ifndef VAM_CORE_PART_H
#define VAM_CORE_PART_H

struct vam_vm;
struct vam_vcpu;

/**
 * struct vam_part - one subsystem's hooks into the life of a VM
 * @name: for messages
 * @vm_create: the VM exists, without memory or vCPUs; 0 or -errno
 * @vm_destroy: the VM's vCPUs are gone; only called after vm_create succeeded
 * @vcpu_create: a vCPU exists, its thread does not run yet; 0 or -errno
 * @vcpu_destroy: its thread is gone; only called after vcpu_create succeeded
 * @vcpu_reset: the vCPU takes an INIT or starts: architectural reset state.
 *              On the vCPU's thread, or before that runs.
 *
 * All may be NULL, all may sleep; none may be called twice for one object.
 */
struct vam_part {
	const char *name;
	int (*vm_create)(struct vam_vm *vm);
	void (*vm_destroy)(struct vam_vm *vm);
	int (*vcpu_create)(struct vam_vcpu *vcpu);
	void (*vcpu_destroy)(struct vam_vcpu *vcpu);
	void (*vcpu_reset)(struct vam_vcpu *vcpu);
};

/* NULL-terminated; defined in parts.c. */
extern const struct vam_part *const vam_parts[];

#endif /* VAM_CORE_PART_H */
