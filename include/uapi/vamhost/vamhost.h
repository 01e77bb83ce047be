/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * vamhost.h - the ioctls of /dev/vamhost
 *
 * Everything that crosses the border between ddctl (or any other program run by
 * root) and the host module. Layout is pinned by tests/host/uapi_layout_test.c.
 */
#ifndef _UAPI_VAMHOST_VAMHOST_H
#define _UAPI_VAMHOST_VAMHOST_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * DOC: The life of a virtual machine, seen from user space
 *
 * 1. open("/dev/vamhost"). Only a process with CAP_SYS_ADMIN may (EPERM).
 * 2. VAMHOST_VM_CREATE makes a named VM with memory and virtual CPUs and
 *    answers with a file descriptor for it. VAMHOST_VM_OPEN finds one that
 *    exists already.
 * 3. mmap() of the VM's descriptor is its memory: the file offset is the
 *    guest-physical address. MAP_SHARED only.
 * 4. VAMHOST_VCPU_SET_STATE says where vCPU 0 begins. The others wait for the
 *    guest to start them (INIT, SIPI) unless they are given a state too.
 * 5. VAMHOST_VM_START, and then VAMHOST_VM_PAUSE, VAMHOST_VM_RESUME,
 *    VAMHOST_VM_WAIT, VAMHOST_CONSOLE_READ and the rest as one likes.
 * 6. The VM ends by itself, or by VAMHOST_VM_KILL. A dead VM keeps its memory,
 *    registers, console and counters, and the sentence that says why it died.
 * 7. VAMHOST_VM_DESTROY kills the VM, ends its threads and makes its name free
 *    again. What it held is returned when the last descriptor and the last
 *    mapping are gone as well; until then it answers as any dead VM does.
 *
 * close() of any descriptor, or the end of the process that made the VM,
 * changes nothing about the VM: it lives on until it is destroyed. The module
 * cannot be unloaded while there are VMs, descriptors or mappings.
 *
 * The size rule
 * -------------
 * Every command takes a pointer to a struct whose first word is its size. A
 * caller that was compiled with an older header passes a smaller struct; what
 * is missing is taken as zero. A caller compiled with a newer one passes a
 * larger struct, which works as long as what this kernel does not know is zero.
 * Output fields are named out_*; they may hold anything on the way in. They are
 * written only if the command succeeds. Reserved fields must be 0.
 *
 * What an errno means, everywhere
 * -------------------------------
 *  - ENOTTY: no such command on this kind of descriptor.
 *  - E2BIG: @size says more than this kernel knows, and the rest is not zero.
 *  - EINVAL: understood, but wrong: @size too small or above 4096, a reserved
 *    field not zero, a value out of range.
 *  - EOPNOTSUPP: a flag that this kernel does not know.
 *  - EFAULT: an address of the caller's that it may not access.
 *  - ENOENT: no such VM, vCPU or counter.
 *  - EEXIST: the name is taken.
 *  - EBUSY: not in the VM's present state.
 *  - ENOMEM: not enough memory; nothing has been changed.
 *  - EMFILE, ENFILE: no file descriptor left; nothing has been changed.
 *  - ETIMEDOUT: the time given is over.
 *  - EINTR: a signal arrived first.
 *
 * VM_CREATE, VM_START, VM_PAUSE, VM_DESTROY, VM_WAIT and the VCPU and CONSOLE
 * commands may sleep. None of them waits for the guest to do anything, except
 * VM_WAIT, which a signal interrupts. All may be called at any time from any
 * thread.
 *
 * poll() of a VM's descriptor: EPOLLIN, there is console output behind the
 * position that this descriptor's last VAMHOST_CONSOLE_READ answered with;
 * EPOLLHUP and EPOLLERR, the VM is dead.
 */

#define VAMHOST_IOC 0xDD

#define VAMHOST_ABI 1

#define VAMHOST_NAME_MAX 32 /* with the terminating zero */
#define VAMHOST_REASON_MAX 160 /* likewise */
#define VAMHOST_VCPUS_MAX 64

enum {
	/* on /dev/vamhost */
	VAMHOST_CMD_INFO = 0x00,
	VAMHOST_CMD_VM_CREATE = 0x01,
	VAMHOST_CMD_VM_OPEN = 0x02,
	VAMHOST_CMD_VM_NEXT = 0x03,
	VAMHOST_CMD_STAT_NAME = 0x04,
	/* on a VM's descriptor */
	VAMHOST_CMD_VM_STATUS = 0x40,
	VAMHOST_CMD_VM_START = 0x41,
	VAMHOST_CMD_VM_PAUSE = 0x42,
	VAMHOST_CMD_VM_RESUME = 0x43,
	VAMHOST_CMD_VM_KILL = 0x44,
	VAMHOST_CMD_VM_WAIT = 0x45,
	VAMHOST_CMD_VM_DESTROY = 0x46,
	VAMHOST_CMD_VM_STAT = 0x47,
	VAMHOST_CMD_VM_PINS = 0x48,
	VAMHOST_CMD_VCPU_GET_STATE = 0x49,
	VAMHOST_CMD_VCPU_SET_STATE = 0x4a,
	VAMHOST_CMD_CONSOLE_READ = 0x4b,
	VAMHOST_CMD_CONSOLE_WRITE = 0x4c,
};

/**
 * enum vamhost_feature - bits of &struct vamhost_info.out_features
 * @VAMHOST_FEATURE_INSN_LEN: The CPU says how long the instruction was that
 *	stopped the guest
 * @VAMHOST_FEATURE_INSN_BYTES: The CPU hands over that instruction's bytes or
 *	operands
 * @VAMHOST_FEATURE_NESTED_PAGING: The CPU could translate guest-physical
 *	addresses itself
 */
enum vamhost_feature {
	VAMHOST_FEATURE_INSN_LEN = 1 << 0,
	VAMHOST_FEATURE_INSN_BYTES = 1 << 1,
	VAMHOST_FEATURE_NESTED_PAGING = 1 << 2,
};

/**
 * struct vamhost_info - ioctl(VAMHOST_INFO): what is this module?
 * @size: sizeof(struct vamhost_info)
 * @flags: Must be 0
 * @out_abi: VAMHOST_ABI of the module
 * @out_vcpus_max: Most vCPUs a VM may have
 * @out_features: enum vamhost_feature
 * @out_stats: How many counters there are, see VAMHOST_STAT_NAME
 * @out_vms: How many VMs there are now
 * @out_backend: Name of the CPU backend in use
 * @out_version: Version of the module
 */
struct vamhost_info {
	__u32 size;
	__u32 flags;
	__u32 out_abi;
	__u32 out_vcpus_max;
	__aligned_u64 out_features;
	__u32 out_stats;
	__u32 out_vms;
	char out_backend[16];
	char out_version[32];
};
#define VAMHOST_INFO _IO(VAMHOST_IOC, VAMHOST_CMD_INFO)

/**
 * struct vamhost_vm_create - ioctl(VAMHOST_VM_CREATE): make a VM
 * @size: sizeof(struct vamhost_vm_create)
 * @flags: Must be 0
 * @memory: Bytes of memory, a multiple of 4096, 1 MiB to 1 TiB
 * @nr_vcpus: 1 to VAMHOST_VCPUS_MAX
 * @node: NUMA node to take the memory from, -1 for any
 * @console_size: Bytes of console output to keep, a power of two from 4096 to
 *	64 MiB; 0 for 65536
 * @mmu_pages: Most pages that may be spent on page tables, 0 for the default
 * @name: Name that no other VM has, zero terminated: letters, digits, '-', '_',
 *	'.'; not empty, no '.' in front
 * @out_vm_id: Number of the VM, never used again for another
 * @out_fd: Descriptor for it, closed on exec
 *
 * Memory is allocated, zeroed and pinned here, and charged to the caller. The
 * VM is in state VAMHOST_VM_CREATED: vCPU 0 is as after reset, the others wait
 * for the guest to start them.
 *
 * Errors beyond the common table: ENOSPC all numbers were used.
 */
struct vamhost_vm_create {
	__u32 size;
	__u32 flags;
	__aligned_u64 memory;
	__u32 nr_vcpus;
	__s32 node;
	__u32 console_size;
	__u32 mmu_pages;
	char name[VAMHOST_NAME_MAX];
	__u32 out_vm_id;
	__s32 out_fd;
};
#define VAMHOST_VM_CREATE _IO(VAMHOST_IOC, VAMHOST_CMD_VM_CREATE)

/**
 * struct vamhost_vm_open - ioctl(VAMHOST_VM_OPEN): a descriptor for a VM
 * @size: sizeof(struct vamhost_vm_open)
 * @flags: Must be 0
 * @vm_id: Number of the VM, or 0 to look for @name
 * @out_vm_id: Number of the VM found
 * @name: Its name, zero terminated; must be empty when @vm_id is not 0
 * @out_fd: Descriptor for it, closed on exec
 * @reserved: Must be 0
 */
struct vamhost_vm_open {
	__u32 size;
	__u32 flags;
	__u32 vm_id;
	__u32 out_vm_id;
	char name[VAMHOST_NAME_MAX];
	__s32 out_fd;
	__u32 reserved;
};
#define VAMHOST_VM_OPEN _IO(VAMHOST_IOC, VAMHOST_CMD_VM_OPEN)

/**
 * struct vamhost_vm_next - ioctl(VAMHOST_VM_NEXT): walk over all VMs
 * @size: sizeof(struct vamhost_vm_next)
 * @flags: Must be 0
 * @after: Number of the VM before, 0 for the beginning
 * @out_vm_id: The lowest number above @after
 * @out_name: Name of that VM
 *
 * ENOENT: there is none.
 */
struct vamhost_vm_next {
	__u32 size;
	__u32 flags;
	__u32 after;
	__u32 out_vm_id;
	char out_name[VAMHOST_NAME_MAX];
};
#define VAMHOST_VM_NEXT _IO(VAMHOST_IOC, VAMHOST_CMD_VM_NEXT)

/**
 * struct vamhost_stat_name - ioctl(VAMHOST_STAT_NAME): name of a counter
 * @size: sizeof(struct vamhost_stat_name)
 * @flags: Must be 0
 * @index: Which counter, below &struct vamhost_info.out_stats
 * @reserved: Must be 0
 * @out_name: Its name
 *
 * Numbers may differ between versions of the module; names do not.
 */
struct vamhost_stat_name {
	__u32 size;
	__u32 flags;
	__u32 index;
	__u32 reserved;
	char out_name[VAMHOST_NAME_MAX];
};
#define VAMHOST_STAT_NAME _IO(VAMHOST_IOC, VAMHOST_CMD_STAT_NAME)

/**
 * enum vamhost_vm_state - where a VM is in its life
 * @VAMHOST_VM_CREATED: Not yet started
 * @VAMHOST_VM_RUNNING: Started
 * @VAMHOST_VM_PAUSED: Its vCPUs stand still
 * @VAMHOST_VM_DEAD: For ever
 */
enum vamhost_vm_state {
	VAMHOST_VM_CREATED = 0,
	VAMHOST_VM_RUNNING = 1,
	VAMHOST_VM_PAUSED = 2,
	VAMHOST_VM_DEAD = 3,
};

/**
 * enum vamhost_vm_end - why a VM is dead
 * @VAMHOST_END_NONE: It is not
 * @VAMHOST_END_EXIT: The guest wrote to the debug-exit port (0xf4)
 * @VAMHOST_END_KILLED: The guest did something impossible, or the module did;
 *	the reason says what
 * @VAMHOST_END_USER: VAMHOST_VM_KILL or VAMHOST_VM_DESTROY
 */
enum vamhost_vm_end {
	VAMHOST_END_NONE = 0,
	VAMHOST_END_EXIT = 1,
	VAMHOST_END_KILLED = 2,
	VAMHOST_END_USER = 3,
};

/**
 * struct vamhost_vm_status - ioctl(VAMHOST_VM_STATUS): how is it?
 * @size: sizeof(struct vamhost_vm_status)
 * @flags: Must be 0
 * @out_vm_id: Number of the VM
 * @out_state: enum vamhost_vm_state
 * @out_end: enum vamhost_vm_end
 * @out_exit_value: For VAMHOST_END_EXIT, the value that the guest wrote
 * @out_nr_vcpus: How many vCPUs it has
 * @out_destroyed: 1 after VAMHOST_VM_DESTROY, else 0
 * @out_memory: Bytes of memory
 * @out_name: Name
 * @out_reason: For a dead VM, one sentence that says why; may be empty
 */
struct vamhost_vm_status {
	__u32 size;
	__u32 flags;
	__u32 out_vm_id;
	__u32 out_state;
	__u32 out_end;
	__u32 out_exit_value;
	__u32 out_nr_vcpus;
	__u32 out_destroyed;
	__aligned_u64 out_memory;
	char out_name[VAMHOST_NAME_MAX];
	char out_reason[VAMHOST_REASON_MAX];
};
#define VAMHOST_VM_STATUS _IO(VAMHOST_IOC, VAMHOST_CMD_VM_STATUS)

/**
 * struct vamhost_vm_start - ioctl(VAMHOST_VM_START): let the vCPUs run
 * @size: sizeof(struct vamhost_vm_start)
 * @flags: Must be 0
 *
 * EBUSY: the VM was started before.
 */
struct vamhost_vm_start {
	__u32 size;
	__u32 flags;
};
#define VAMHOST_VM_START _IO(VAMHOST_IOC, VAMHOST_CMD_VM_START)

/**
 * struct vamhost_vm_pause - ioctl(VAMHOST_VM_PAUSE): let them stand still
 * @size: sizeof(struct vamhost_vm_pause)
 * @flags: Must be 0
 *
 * On return all vCPUs are outside the guest. EBUSY: the VM is not running.
 */
struct vamhost_vm_pause {
	__u32 size;
	__u32 flags;
};
#define VAMHOST_VM_PAUSE _IO(VAMHOST_IOC, VAMHOST_CMD_VM_PAUSE)

/**
 * struct vamhost_vm_resume - ioctl(VAMHOST_VM_RESUME): the opposite
 * @size: sizeof(struct vamhost_vm_resume)
 * @flags: Must be 0
 *
 * EBUSY: the VM is not paused.
 */
struct vamhost_vm_resume {
	__u32 size;
	__u32 flags;
};
#define VAMHOST_VM_RESUME _IO(VAMHOST_IOC, VAMHOST_CMD_VM_RESUME)

/**
 * struct vamhost_vm_kill - ioctl(VAMHOST_VM_KILL): end the VM
 * @size: sizeof(struct vamhost_vm_kill)
 * @flags: Must be 0
 * @reason: Printable sentence that says why, zero terminated; empty for a
 *	sentence of the module's
 *
 * In any state. The first reason a VM dies of is kept: killing a dead VM
 * succeeds and changes nothing. Does not wait for the vCPUs to stop.
 */
struct vamhost_vm_kill {
	__u32 size;
	__u32 flags;
	char reason[VAMHOST_REASON_MAX];
};
#define VAMHOST_VM_KILL _IO(VAMHOST_IOC, VAMHOST_CMD_VM_KILL)

#define VAMHOST_WAIT_FOREVER 0xffffffffu

/**
 * struct vamhost_vm_wait - ioctl(VAMHOST_VM_WAIT): wait until the VM is dead
 * @size: sizeof(struct vamhost_vm_wait)
 * @flags: Must be 0
 * @timeout_ms: Milliseconds to wait at most, or VAMHOST_WAIT_FOREVER
 * @out_end: enum vamhost_vm_end
 * @out_exit_value: For VAMHOST_END_EXIT, the value that the guest wrote
 * @reserved: Must be 0
 * @out_reason: One sentence that says why; may be empty
 *
 * ETIMEDOUT: it still lives.
 */
struct vamhost_vm_wait {
	__u32 size;
	__u32 flags;
	__u32 timeout_ms;
	__u32 out_end;
	__u32 out_exit_value;
	__u32 reserved;
	char out_reason[VAMHOST_REASON_MAX];
};
#define VAMHOST_VM_WAIT _IO(VAMHOST_IOC, VAMHOST_CMD_VM_WAIT)

/**
 * struct vamhost_vm_destroy - ioctl(VAMHOST_VM_DESTROY): take it apart
 * @size: sizeof(struct vamhost_vm_destroy)
 * @flags: Must be 0
 *
 * In any state; a VM that lives is killed first. Waits for its threads to end,
 * which does not depend on the guest. Name and number are gone from now on;
 * this and other descriptors stay valid. ENOENT: it was destroyed before.
 */
struct vamhost_vm_destroy {
	__u32 size;
	__u32 flags;
};
#define VAMHOST_VM_DESTROY _IO(VAMHOST_IOC, VAMHOST_CMD_VM_DESTROY)

#define VAMHOST_STAT_TOTAL 0xffffffffu

/**
 * struct vamhost_vm_stat - ioctl(VAMHOST_VM_STAT): read the counters
 * @size: sizeof(struct vamhost_vm_stat)
 * @flags: Must be 0
 * @vcpu: Whose, or VAMHOST_STAT_TOTAL for the sum over all vCPUs
 * @count: How many __u64 fit at @user_va
 * @user_va: Where to write them, in the order of VAMHOST_STAT_NAME; 8 byte
 *	aligned
 * @out_count: How many there are; the lesser of this and @count was written
 * @reserved: Must be 0
 */
struct vamhost_vm_stat {
	__u32 size;
	__u32 flags;
	__u32 vcpu;
	__u32 count;
	__aligned_u64 user_va;
	__u32 out_count;
	__u32 reserved;
};
#define VAMHOST_VM_STAT _IO(VAMHOST_IOC, VAMHOST_CMD_VM_STAT)

/**
 * struct vamhost_vm_pins - ioctl(VAMHOST_VM_PINS): what the VM holds
 * @size: sizeof(struct vamhost_vm_pins)
 * @flags: Must be 0
 * @out_ram: Pages of guest memory
 * @out_shadow: Pages of page tables
 * @out_vcpu: Pages of CPU control structures
 * @out_iommu: Pages mapped for devices
 * @out_bar: Pages of device registers mapped
 *
 * All in pages of 4096 bytes.
 */
struct vamhost_vm_pins {
	__u32 size;
	__u32 flags;
	__aligned_u64 out_ram;
	__aligned_u64 out_shadow;
	__aligned_u64 out_vcpu;
	__aligned_u64 out_iommu;
	__aligned_u64 out_bar;
};
#define VAMHOST_VM_PINS _IO(VAMHOST_IOC, VAMHOST_CMD_VM_PINS)

/* Indexes of &struct vamhost_vcpu_state.gpr, as instructions number them. */
enum vamhost_gpr {
	VAMHOST_RAX,
	VAMHOST_RCX,
	VAMHOST_RDX,
	VAMHOST_RBX,
	VAMHOST_RSP,
	VAMHOST_RBP,
	VAMHOST_RSI,
	VAMHOST_RDI,
	VAMHOST_R8,
	VAMHOST_R9,
	VAMHOST_R10,
	VAMHOST_R11,
	VAMHOST_R12,
	VAMHOST_R13,
	VAMHOST_R14,
	VAMHOST_R15,
	VAMHOST_NR_GPRS,
};

/* Indexes of &struct vamhost_vcpu_state.seg. */
enum vamhost_seg_reg {
	VAMHOST_ES,
	VAMHOST_CS,
	VAMHOST_SS,
	VAMHOST_DS,
	VAMHOST_FS,
	VAMHOST_GS,
	VAMHOST_LDTR,
	VAMHOST_TR,
	VAMHOST_GDTR, /* base and limit only */
	VAMHOST_IDTR, /* base and limit only */
	VAMHOST_NR_SEGS,
};

/**
 * struct vamhost_seg - a segment or descriptor-table register
 * @selector: Selector
 * @attr: Bits 0-7: the descriptor's type, S, DPL and P; bits 12-15: AVL, L, D/B
 *	and G; bits 8-11 must be 0
 * @limit: In bytes, as it results after applying G
 * @base: Linear address
 */
struct vamhost_seg {
	__u16 selector;
	__u16 attr;
	__u32 limit;
	__aligned_u64 base;
};

/**
 * enum vamhost_vcpu_run - what a vCPU does when its VM runs
 * @VAMHOST_VCPU_RUNNABLE: Executes instructions
 * @VAMHOST_VCPU_HALTED: Sleeps in HLT until an interrupt
 * @VAMHOST_VCPU_WAIT_SIPI: Waits for another vCPU to start it
 */
enum vamhost_vcpu_run {
	VAMHOST_VCPU_RUNNABLE = 0,
	VAMHOST_VCPU_HALTED = 1,
	VAMHOST_VCPU_WAIT_SIPI = 2,
};

/* Bits of &struct vamhost_vcpu_state.blocked. */
#define VAMHOST_BLOCKED_SHADOW (1u << 0) /* after STI or MOV SS */
#define VAMHOST_BLOCKED_NMI (1u << 1) /* in an NMI handler */

/**
 * struct vamhost_vcpu_state - ioctl(VAMHOST_VCPU_GET_STATE,
 * VAMHOST_VCPU_SET_STATE): the registers of a vCPU
 * @size: sizeof(struct vamhost_vcpu_state)
 * @flags: Must be 0
 * @vcpu: Which vCPU
 * @run: enum vamhost_vcpu_run
 * @blocked: VAMHOST_BLOCKED_* bits
 * @reserved: Must be 0
 * @gpr: General registers, by enum vamhost_gpr
 * @rip: Instruction pointer
 * @rflags: Flags
 * @seg: Segment and table registers, by enum vamhost_seg_reg
 * @cr0: Control register
 * @cr2: Control register
 * @cr3: Control register
 * @cr4: Control register
 * @cr8: Task priority, 0 to 15
 * @efer: Extended feature enable register
 * @xcr0: Extended control register; 0 is taken as 1
 * @dr: Breakpoint addresses
 * @dr6: Debug status
 * @dr7: Debug control
 * @star: MSR
 * @lstar: MSR
 * @cstar: MSR
 * @sfmask: MSR
 * @kernel_gs_base: MSR
 * @sysenter_cs: MSR
 * @sysenter_esp: MSR
 * @sysenter_eip: MSR
 * @pat: MSR; 0 is taken as the value after reset
 * @tsc_aux: MSR
 *
 * Only while no vCPU runs: created, paused, or dead and stopped (EBUSY).
 * Writing to a dead VM is EBUSY too. The FS and GS base MSRs are the bases in
 * @seg.
 *
 * Values that the architecture does not allow in a register, or that the VM's
 * CPU does not have, are EINVAL, and then nothing is changed. Values that are
 * each allowed but make no sense together are the guest's problem: the VM is
 * killed when it runs into them.
 */
struct vamhost_vcpu_state {
	__u32 size;
	__u32 flags;
	__u32 vcpu;
	__u32 run;
	__u32 blocked;
	__u32 reserved;
	__aligned_u64 gpr[VAMHOST_NR_GPRS];
	__aligned_u64 rip;
	__aligned_u64 rflags;
	struct vamhost_seg seg[VAMHOST_NR_SEGS];
	__aligned_u64 cr0;
	__aligned_u64 cr2;
	__aligned_u64 cr3;
	__aligned_u64 cr4;
	__aligned_u64 cr8;
	__aligned_u64 efer;
	__aligned_u64 xcr0;
	__aligned_u64 dr[4];
	__aligned_u64 dr6;
	__aligned_u64 dr7;
	__aligned_u64 star;
	__aligned_u64 lstar;
	__aligned_u64 cstar;
	__aligned_u64 sfmask;
	__aligned_u64 kernel_gs_base;
	__aligned_u64 sysenter_cs;
	__aligned_u64 sysenter_esp;
	__aligned_u64 sysenter_eip;
	__aligned_u64 pat;
	__aligned_u64 tsc_aux;
};
#define VAMHOST_VCPU_GET_STATE _IO(VAMHOST_IOC, VAMHOST_CMD_VCPU_GET_STATE)
#define VAMHOST_VCPU_SET_STATE _IO(VAMHOST_IOC, VAMHOST_CMD_VCPU_SET_STATE)

/**
 * struct vamhost_console_read - ioctl(VAMHOST_CONSOLE_READ): what the guest
 * wrote to its first serial port
 * @size: sizeof(struct vamhost_console_read)
 * @flags: Must be 0
 * @pos: Position to read from, counted in bytes since the VM was created
 * @user_va: Where to write
 * @length: Bytes that fit there
 * @out_length: Bytes written, 0 when there are no new ones; may be fewer
 *	than there are
 * @out_pos: Position of the byte after the last one written: the next @pos
 * @out_lost: Bytes behind @pos that are not kept any more and were skipped
 *
 * Does not wait; poll() does. Any number of readers may read independently.
 * A @pos behind the end is taken as the end.
 */
struct vamhost_console_read {
	__u32 size;
	__u32 flags;
	__aligned_u64 pos;
	__aligned_u64 user_va;
	__u32 length;
	__u32 out_length;
	__aligned_u64 out_pos;
	__aligned_u64 out_lost;
};
#define VAMHOST_CONSOLE_READ _IO(VAMHOST_IOC, VAMHOST_CMD_CONSOLE_READ)

/**
 * struct vamhost_console_write - ioctl(VAMHOST_CONSOLE_WRITE): type to it
 * @size: sizeof(struct vamhost_console_write)
 * @flags: Must be 0
 * @user_va: What to write
 * @length: How many bytes
 * @out_length: How many the serial port's input queue took, perhaps 0
 */
struct vamhost_console_write {
	__u32 size;
	__u32 flags;
	__aligned_u64 user_va;
	__u32 length;
	__u32 out_length;
};
#define VAMHOST_CONSOLE_WRITE _IO(VAMHOST_IOC, VAMHOST_CMD_CONSOLE_WRITE)

#endif /* _UAPI_VAMHOST_VAMHOST_H */
