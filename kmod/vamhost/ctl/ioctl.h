/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ctl/ioctl.h - what an ioctl handler sees
 *
 * Layer:    ctl.
 * Not here: the numbers and structs, include/uapi/vamhost/vamhost.h.
 */
#ifndef VAM_CTL_IOCTL_H
#define VAM_CTL_IOCTL_H

#include <linux/types.h>
#include <vamhost/vamhost.h>

struct file;
struct vam_vm;
struct vam_vm_file;

/* The one buffer that every command is copied into. */
union vam_ioctl_arg {
	struct {
		__u32 size;
		__u32 flags;
	} head;
	struct vamhost_info info;
	struct vamhost_vm_create create;
	struct vamhost_vm_open open;
	struct vamhost_vm_next next;
	struct vamhost_stat_name stat_name;
	struct vamhost_vm_status status;
	struct vamhost_vm_kill kill;
	struct vamhost_vm_wait wait;
	struct vamhost_vm_stat stat;
	struct vamhost_vm_pins pins;
	struct vamhost_vcpu_state vcpu_state;
	struct vamhost_console_read console_read;
	struct vamhost_console_write console_write;
};

/**
 * struct vam_ioctl_call - one command on its way through a handler
 * @arg: the caller's struct, our copy; what is left in it goes back to the
 *       caller if the handler returns 0
 * @vm_file: the descriptor it came in by, NULL on /dev/vamhost
 * @vm: its VM, NULL on /dev/vamhost
 * @new_fd: reserved descriptor number to be installed on success, or -1
 * @new_file: what to install there
 * @created: VM to destroy if the answer cannot be delivered, referenced
 */
struct vam_ioctl_call {
	union vam_ioctl_arg *arg;
	struct vam_vm_file *vm_file;
	struct vam_vm *vm;
	int new_fd;
	struct file *new_file;
	struct vam_vm *created;
};

/**
 * struct vam_ioctl - a row of a dispatch table
 * @cmd: VAMHOST_*
 * @size: bytes of the struct as this kernel knows it
 * @min_size: bytes that a caller must give: the first version of the struct
 * @handler: sizes and flags are checked; may sleep; 0 or -errno
 */
struct vam_ioctl {
	unsigned int cmd;
	u16 size;
	u16 min_size;
	int (*handler)(struct vam_ioctl_call *call);
};

/* A row; @last is the last field of the struct's first version. */
#define VAM_IOCTL(_cmd, _handler, _struct, _last)               \
	{                                                       \
		.cmd = _cmd, .size = sizeof(struct _struct),    \
		.min_size = offsetofend(struct _struct, _last), \
		.handler = _handler,                            \
	}

/* ioctl.c: the entry points of both kinds of file. */
long vam_ioctl_device(struct file *file, unsigned int cmd, unsigned long arg);
long vam_ioctl_vm(struct file *file, unsigned int cmd, unsigned long arg);

/* ioctl_vm.c: handlers of commands on a VM's descriptor. */
int vam_ioctl_vm_status(struct vam_ioctl_call *call);
int vam_ioctl_vm_start(struct vam_ioctl_call *call);
int vam_ioctl_vm_pause(struct vam_ioctl_call *call);
int vam_ioctl_vm_resume(struct vam_ioctl_call *call);
int vam_ioctl_vm_kill(struct vam_ioctl_call *call);
int vam_ioctl_vm_wait(struct vam_ioctl_call *call);
int vam_ioctl_vm_destroy(struct vam_ioctl_call *call);
int vam_ioctl_vm_stat(struct vam_ioctl_call *call);
int vam_ioctl_vm_pins(struct vam_ioctl_call *call);
int vam_ioctl_console_read(struct vam_ioctl_call *call);
int vam_ioctl_console_write(struct vam_ioctl_call *call);

/* ioctl_vcpu.c: registers. */
int vam_ioctl_vcpu_get_state(struct vam_ioctl_call *call);
int vam_ioctl_vcpu_set_state(struct vam_ioctl_call *call);

#endif /* VAM_CTL_IOCTL_H */
