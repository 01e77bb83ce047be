/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core/hw.h - THE CONTRACT between common code and a CPU backend
 *
 * A backend knows one vendor's virtualization extension and nothing else. It
 * turns what the common code wants into control-block fields, enters the
 * guest, and *decodes* why the guest came back into the neutral struct
 * vam_exit. Common code *decides* what to do about it. No vendor's control
 * block, exit code or field name passes this border.
 *
 * Layer:    core. Implemented in hw/<vendor>/, called from core, hw, mmu, irq
 *           and run through vam_hw.
 */
#ifndef VAM_CORE_HW_H
#define VAM_CORE_HW_H

#include <linux/types.h>
#include "lib/addr.h"
#include "lib/regs.h"

struct vam_vcpu;

/* Why the guest stopped. The order is that of the exit_* counters. */
enum vam_exit_kind {
	VAM_EXIT_IRQ, /* a host interrupt; it has been served by now */
	VAM_EXIT_NMI, /* a host NMI; likewise */
	VAM_EXIT_MCE, /* a host machine check; likewise */
	VAM_EXIT_IO, /* u.io */
	VAM_EXIT_CPUID,
	VAM_EXIT_MSR, /* u.msr */
	VAM_EXIT_HLT,
	VAM_EXIT_CR, /* u.reg: MOV CR, CLTS, LMSW, SMSW */
	VAM_EXIT_DR, /* u.reg: MOV DR */
	VAM_EXIT_INVLPG, /* u.invlpg */
	VAM_EXIT_INVPCID,
	VAM_EXIT_XSETBV,
	VAM_EXIT_HYPERCALL,
	VAM_EXIT_EXCEPTION, /* u.exception; page faults and #NM excluded */
	VAM_EXIT_PAGE_FAULT, /* u.pf */
	VAM_EXIT_IRQ_WINDOW, /* asked for by want_irq_window() */
	VAM_EXIT_NMI_WINDOW, /* asked for by want_nmi_window() */
	VAM_EXIT_SHUTDOWN, /* triple fault */
	VAM_EXIT_INIT, /* a host INIT signal */
	VAM_EXIT_RDPMC,
	VAM_EXIT_PAUSE,
	VAM_EXIT_WBINVD, /* WBINVD or INVD */
	VAM_EXIT_MONITOR,
	VAM_EXIT_MWAIT,
	VAM_EXIT_TASK_SWITCH, /* u.task */
	VAM_EXIT_FPU, /* #NM while the guest's FPU state is not loaded */
	VAM_EXIT_VIRT_INSN, /* an instruction of the virtualization extension */
	VAM_EXIT_BAD_STATE, /* the CPU refused the guest state */
	VAM_EXIT_UNKNOWN, /* hw_code says which */
	VAM_EXIT_NR,
};

/* An event on its way into the guest. */
enum vam_event_type {
	VAM_EVENT_NONE,
	VAM_EVENT_INTR, /* external interrupt */
	VAM_EVENT_NMI,
	VAM_EVENT_EXCEPTION, /* fault, abort; INT3 and INTO as exceptions */
	VAM_EVENT_SOFT_INT, /* INT n */
};

/**
 * struct vam_event - one event delivered through the guest's IDT
 * @type: enum vam_event_type, 0 for none
 * @vector: IDT entry
 * @has_error: whether @error is pushed
 * @insn_len: for INT n, INT3, INTO: length of the instruction, else 0
 * @error: error code
 */
struct vam_event {
	u8 type;
	u8 vector;
	bool has_error;
	u8 insn_len;
	u32 error;
};

#define VAM_INSN_MAX 15

/**
 * struct vam_exit - one exit, decoded
 * @kind: why
 * @insn_len: length of the instruction that caused it, 0 if the CPU did not
 *            say (then run/ fetches and decodes it)
 * @fetched: how many bytes of @insn the CPU handed over, 0 if none
 * @insn: the instruction's bytes
 * @delivering: the event whose delivery through the IDT this exit interrupted
 *              (type VAM_EVENT_NONE: none); it must be delivered again unless
 *              handling the exit replaces it
 * @hw_code: the backend's own exit code, for traces and last words only
 * @hw_info: the backend's own qualifications, likewise
 * @u: operands by kind. @known false means that the CPU did not decode the
 *     operands and run/ must do it from the instruction.
 */
struct vam_exit {
	enum vam_exit_kind kind;
	u8 insn_len;
	u8 fetched;
	u8 insn[VAM_INSN_MAX];
	struct vam_event delivering;
	u64 hw_code;
	u64 hw_info[2];
	union {
		struct {
			u16 port;
			u8 size; /* 1, 2, 4 bytes */
			bool in;
			bool string;
			bool rep;
		} io;
		struct {
			bool write;
		} msr;
		struct {
			bool known;
			bool write;
			u8 nr; /* CR0..CR8, DR0..DR7 */
			u8 gpr; /* enum vam_gpr */
		} reg;
		struct {
			bool known;
			gva_t gva;
		} invlpg;
		struct {
			u8 vector;
			bool has_error;
			bool by_insn; /* INT1: RIP goes behind it first */
			u32 error;
		} exception;
		struct {
			gva_t gva;
			u32 error; /* x86 page-fault error code */
		} pf;
		struct {
			u16 selector;
			bool iret;
			bool jump;
			bool has_error;
			u32 error;
		} task;
	} u;
};

/* Registers beside the six of enum vam_seg_num (lib/regs.h). */
enum vam_table_reg {
	VAM_SEG_LDTR = VAM_NR_SEGS,
	VAM_SEG_TR,
	VAM_SEG_GDTR, /* base and limit only */
	VAM_SEG_IDTR, /* base and limit only */
	VAM_SEG_ALL,
};

/* Attribute bits of struct vam_seg, as in bytes 5 and 6 of a descriptor. */
#define VAM_SEG_TYPE 0x000f
#define VAM_SEG_S 0x0010 /* code or data, not system */
#define VAM_SEG_DPL 0x0060
#define VAM_SEG_DPL_SHIFT 5
#define VAM_SEG_P 0x0080
#define VAM_SEG_AVL 0x1000
#define VAM_SEG_L 0x2000
#define VAM_SEG_DB 0x4000
#define VAM_SEG_G 0x8000

/**
 * struct vam_seg - a segment or descriptor-table register
 * @selector: as the guest loaded it
 * @attr: VAM_SEG_* bits; bits 8-11 (limit 19:16 in a descriptor) are 0
 * @limit: in bytes, expanded
 * @base: linear address
 */
struct vam_seg {
	u16 selector;
	u16 attr;
	u32 limit;
	u64 base;
};

/* How much of the guest's translations the CPU must forget. */
enum vam_flush {
	VAM_FLUSH_GUEST, /* all of this guest's, global ones included */
};

/**
 * struct vam_hw_ops - what a backend supplies; filled once, then constant
 *
 * "On its CPU" below means: between vcpu_load() and vcpu_put(), preemption
 * off. Unless said otherwise the caller is the vCPU's own thread.
 */
struct vam_hw_ops {
	const char *name; /* "svm", "vmx": for messages and ddctl */
	size_t vcpu_size; /* bytes of the backend's struct around vam_vcpu */

	/*
	 * cpu_check - may this CPU be used at all?
	 * On the CPU in question, preemption off. Returns 0; -ENODEV the CPU
	 * lacks the extension; -EPERM the firmware has disabled it; -EBUSY
	 * another hypervisor holds it. Every refusal but -ENODEV puts one
	 * constant sentence into *why.
	 */
	int (*cpu_check)(const char **why);

	/* Load-time and unload-time work of the backend. May sleep. */
	int (*init)(void);
	void (*exit)(void);

	/*
	 * cpu_enable - bring this CPU into operation; cpu_disable - out of it.
	 * On the CPU, interrupts off, also from hotplug, suspend and reboot.
	 * cpu_disable is harmless on a CPU that is not enabled.
	 */
	int (*cpu_enable)(void);
	void (*cpu_disable)(void);

	/*
	 * vcpu_create - allocate hardware structures and set the state the
	 * processor has after INIT/reset (SDM vol. 3 table 10-1). May sleep; any thread. vcpu_destroy is the
	 * opposite and copes with a half-made vCPU.
	 */
	int (*vcpu_create)(struct vam_vcpu *vcpu);
	void (*vcpu_destroy)(struct vam_vcpu *vcpu);

	/* vcpu_reset - segments, tables and MSRs as after INIT. */
	void (*vcpu_reset)(struct vam_vcpu *vcpu);

	/*
	 * vcpu_load - this CPU is going to run the vCPU for a while: switch
	 * what need not be switched at every entry. vcpu_put undoes it. Called
	 * with preemption off, by the thread or by its preemption notifier.
	 */
	void (*vcpu_load)(struct vam_vcpu *vcpu);
	void (*vcpu_put)(struct vam_vcpu *vcpu);

	/*
	 * enter - run the guest until something needs us
	 * On its CPU, interrupts off; they are off again on return, and a host interrupt
	 * that ended the run is pending, not lost. Takes vcpu->regs and
	 * vcpu->int_shadow, leaves the guest's there, and vcpu->sys.cr2, dr6,
	 * dr7, cr8 likewise; leaves vcpu->cpl and cs_attr. Fills *exit completely. Returns 0, or -EIO if the CPU refused to enter
	 * (kind VAM_EXIT_BAD_STATE).
	 */
	int (*enter)(struct vam_vcpu *vcpu, struct vam_exit *exit);

	/*
	 * Segment registers; only while the vCPU is not in the guest. Writing
	 * CS and SS keeps vcpu->cs_attr and cpl up to date; so does
	 * vcpu_reset().
	 */
	void (*get_seg)(struct vam_vcpu *vcpu, unsigned int reg,
			struct vam_seg *seg);
	void (*set_seg)(struct vam_vcpu *vcpu, unsigned int reg,
			const struct vam_seg *seg);

	/*
	 * MSRs that the hardware switches with the vCPU (system call, segment
	 * base, sysenter, PAT ...). Returns 0, or -ENOENT for one that it does not.
	 * Values were checked by the caller.
	 */
	int (*get_msr)(struct vam_vcpu *vcpu, u32 index, u64 *value);
	int (*set_msr)(struct vam_vcpu *vcpu, u32 index, u64 value);

	/*
	 * set_sys - vcpu->sys changed (control registers, EFER, debug
	 * registers): compute what the hardware gets. Values were checked.
	 */
	void (*set_sys)(struct vam_vcpu *vcpu);

	/*
	 * set_root - the page table the CPU walks from the next entry on.
	 * @root is 4 KiB aligned (32 bytes and below 4 GiB in PAE format);
	 * its format is PAE unless vcpu->sys.efer has LMA, then 4-level, or
	 * 5-level when vcpu->sys.cr4 has LA57.
	 */
	void (*set_root)(struct vam_vcpu *vcpu, hpa_t root);

	/* flush_tlb - before the next entry, on its CPU, interrupts off. */
	void (*flush_tlb)(struct vam_vcpu *vcpu, enum vam_flush what);
	/* flush_gva - forget one address; on its CPU, preemption off. */
	void (*flush_gva)(struct vam_vcpu *vcpu, gva_t gva);

	/*
	 * inject - hand over one event; it is delivered first thing at the
	 * next enter(). At most one per entry.
	 */
	void (*inject)(struct vam_vcpu *vcpu, const struct vam_event *event);

	/*
	 * want_irq_window - exit as soon as RFLAGS.IF and the interrupt shadow
	 * let the guest take an interrupt; want_nmi_window - as soon as an NMI
	 * can be taken. Either is off again after its exit.
	 * want_tpr_exit - exit when the guest writes CR8 (VAM_EXIT_CR): an
	 * interrupt waits that only the task priority holds back.
	 */
	void (*want_irq_window)(struct vam_vcpu *vcpu, bool on);
	void (*want_nmi_window)(struct vam_vcpu *vcpu, bool on);
	void (*want_tpr_exit)(struct vam_vcpu *vcpu, bool on);

	/* dump - print the control block to the log, for a VM about to die. */
	void (*dump)(struct vam_vcpu *vcpu);
};

/* The backend in use; set once at load by hw/hw.c, then read-only. */
extern const struct vam_hw_ops *vam_hw;

#endif /* VAM_CORE_HW_H */
