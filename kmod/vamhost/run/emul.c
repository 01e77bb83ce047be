// SPDX-License-Identifier: GPL-2.0
/*
 * run/emul.c - fetch, skip and carry out guest instructions
 *
 * Three kinds of exit leave work for which the guest's instruction must be
 * known: accesses to device registers, writes to traced page tables, and, on
 * CPUs without decode assists, everything whose operands the CPU does not
 * report. All bytes and operands below come from the guest and may change
 * under us: they are copied once, then used.
 *
 * Layer:    run. Called from the exit handlers.
 * Locks:    none; runs on the vCPU's thread.
 * Not here: decoding and arithmetic are pure and in lib/insn*.c.
 */
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <linux/hash.h>
#include <linux/string.h>
#include "core/alloc.h"
#include "core/hw.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "irq/virq.h"
#include "mmu/mmu.h"
#include "run/emul.h"
#include "run/run.h"

/* Elements of one repeated string instruction before others get a turn. */
#define STRING_BATCH 512

#define DECODED_BITS 3

/*
 * struct vam_decoded - instructions decoded lately
 *
 * A guest exits at few places of its code. What an instruction means follows
 * from its bytes and the mode alone, so nothing has to be forgotten here: the
 * bytes are read from the guest each time and compared.
 */
struct vam_decoded {
	struct {
		u64 bytes[2];
		u64 mask[2]; /* those of the instruction itself */
		struct vam_insn insn; /* mode 0: nothing here */
	} slot[1 << DECODED_BITS];
};

void vam_emul_gp(struct vam_vcpu *vcpu)
{
	vam_virq_exception(vcpu, X86_TRAP_GP, true, 0);
}

void vam_emul_ud(struct vam_vcpu *vcpu)
{
	vam_virq_exception(vcpu, X86_TRAP_UD, false, 0);
}

static void queue_page_fault(struct vam_vcpu *vcpu, gva_t gva, u32 error)
{
	vcpu->sys.cr2 = gva;
	vam_virq_exception(vcpu, X86_TRAP_PF, true, error);
}

static enum vam_insn_mode code_mode(struct vam_vcpu *vcpu)
{
	if ((vcpu->sys.efer & EFER_LMA) && (vcpu->cs_attr & VAM_SEG_L))
		return VAM_INSN_64;
	/* Real mode has no D bit to speak of, but the hidden one counts. */
	return vcpu->cs_attr & VAM_SEG_DB ? VAM_INSN_32 : VAM_INSN_16;
}

bool vam_emul_is_long(struct vam_vcpu *vcpu)
{
	return code_mode(vcpu) == VAM_INSN_64;
}

gva_t vam_emul_linear(struct vam_vcpu *vcpu, unsigned int seg, u64 offset)
{
	struct vam_seg s;

	if (seg < VAM_SEG_FS && vam_emul_is_long(vcpu))
		return offset;
	vam_hw->get_seg(vcpu, seg, &s);
	if (vam_emul_is_long(vcpu))
		return s.base + offset;
	return (u32)(s.base + offset);
}

static u32 user_bit(struct vam_vcpu *vcpu)
{
	return vcpu->cpl == 3 ? VAM_ACCESS_USER : 0;
}

/*
 * The host's view of the code page at @gva, through a one-entry TLB: like the
 * CPU's own it may be stale until the guest flushes.
 */
static const u8 *code_page(struct vam_vcpu *vcpu, gva_t gva)
{
	gva_t page = gva & VAM_PAGE_MASK;
	gpa_t gpa;
	u32 error;

	if (vcpu->fetch.page == page)
		return vcpu->fetch.va;
	if (!vam_mmu_translate(vcpu, page, VAM_ACCESS_FETCH | user_bit(vcpu),
			       &gpa, &error)) {
		queue_page_fault(vcpu, gva, error);
		return NULL;
	}
	vcpu->fetch.va = vam_mem_va(vcpu->vm, gpa);
	if (!vcpu->fetch.va) {
		vam_vm_kill(vcpu->vm,
			    "guest executes at gpa %#llx, which is not memory",
			    gpa + page_off(gva));
		vcpu->fetch.page = ~0ULL;
		return NULL;
	}
	vcpu->fetch.page = page;
	return vcpu->fetch.va;
}

static gva_t code_address(struct vam_vcpu *vcpu)
{
	struct vam_seg cs;

	if (vam_emul_is_long(vcpu))
		return vcpu->regs.rip;
	vam_hw->get_seg(vcpu, VAM_SEG_CS, &cs);
	return (u32)(cs.base + vcpu->regs.rip);
}

/* Copy up to @want bytes from RIP on; fewer only at a fault, then 0. */
static unsigned int fetch_bytes(struct vam_vcpu *vcpu, u8 *buf,
				unsigned int have, unsigned int want)
{
	gva_t gva = code_address(vcpu) + have;

	while (have < want) {
		unsigned int n = min_t(unsigned int, want - have,
				       VAM_PAGE_SIZE - page_off(gva));
		const u8 *va = code_page(vcpu, gva);

		if (!va)
			return 0;
		memcpy(buf + have, va + page_off(gva), n);
		have += n;
		gva += n;
	}
	return have;
}

/* Decode what is at @code, 16 bytes of a page, or find that it was done. */
static int decode_again(struct vam_vcpu *vcpu, struct vam_insn *insn,
			const void *code)
{
	const u64 bytes[2] = { READ_ONCE(((const u64 *)code)[0]),
			       READ_ONCE(((const u64 *)code)[1]) };
	unsigned int bits, i = hash_32(bytes[0], DECODED_BITS);
	typeof(&vcpu->decoded->slot[0]) slot = &vcpu->decoded->slot[i];
	int err;

	if (likely(!((slot->bytes[0] ^ bytes[0]) & slot->mask[0]) &&
		   !((slot->bytes[1] ^ bytes[1]) & slot->mask[1]) &&
		   slot->insn.mode == VAM_INSN_64)) {
		*insn = slot->insn;
		return 0;
	}
	err = vam_insn_decode(insn, (const u8 *)bytes, VAM_INSN_MAX,
			      VAM_INSN_64);
	if (err)
		return err;
	bits = 8 * insn->len;
	slot->bytes[0] = bytes[0];
	slot->bytes[1] = bytes[1];
	slot->mask[0] = bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
	slot->mask[1] = bits <= 64 ? 0 : (1ULL << (bits - 64)) - 1;
	slot->insn = *insn;
	return 0;
}

int vam_emul_fetch(struct vam_vcpu *vcpu, struct vam_insn *insn)
{
	enum vam_insn_mode mode = code_mode(vcpu);
	unsigned int n;
	u8 buf[VAM_INSN_MAX];
	int err;

	/* The usual case; what does not decode is looked at below. */
	if (likely(mode == VAM_INSN_64 && !vcpu->exit.fetched &&
		   page_off(vcpu->regs.rip) <= VAM_PAGE_SIZE - 16)) {
		const u8 *va = code_page(vcpu, vcpu->regs.rip);

		if (!va)
			return 1;
		if (likely(!decode_again(vcpu, insn,
					 va + page_off(vcpu->regs.rip))))
			return 0;
	}
	if (vcpu->exit.fetched) {
		n = vcpu->exit.fetched;
		memcpy(buf, vcpu->exit.insn, n);
	} else {
		/* First what its own page holds: the next may not be there. */
		n = min_t(unsigned int, VAM_INSN_MAX,
			  VAM_PAGE_SIZE - page_off(code_address(vcpu)));
		if (!fetch_bytes(vcpu, buf, 0, n))
			return 1;
	}
	err = vam_insn_decode(insn, buf, n, mode);
	if (err == -ENODATA) {
		if (!fetch_bytes(vcpu, buf, n, VAM_INSN_MAX))
			return 1;
		err = vam_insn_decode(insn, buf, VAM_INSN_MAX, mode);
	}
	switch (err) {
	case 0:
		return 0;
	case -E2BIG:
		vam_emul_gp(vcpu);
		return 1;
	case -EINVAL:
		vam_emul_ud(vcpu);
		return 1;
	}
	vam_vm_kill(vcpu->vm, "unknown instruction %*ph at rip %#llx", n, buf,
		    vcpu->regs.rip);
	return 1;
}

static void step_trap(struct vam_vcpu *vcpu)
{
	vcpu->sys.dr6 |= 1ULL << 14; /* BS */
	vam_hw->set_sys(vcpu);
	vam_virq_exception(vcpu, X86_TRAP_DB, false, 0);
}

void vam_emul_skip_slow(struct vam_vcpu *vcpu, unsigned int len)
{
	u64 rip = vcpu->regs.rip + len;

	/* Outside 64-bit mode RIP has 32 bits; crossing 4 GiB is rare enough
	 * to ask only then. */
	if (unlikely((rip ^ vcpu->regs.rip) >> 32) && !vam_emul_is_long(vcpu))
		rip = (u32)rip;
	vcpu->regs.rip = rip;
	vcpu->int_shadow = false;
	vcpu->regs.rflags &= ~X86_EFLAGS_RF;
	if (unlikely(vcpu->regs.rflags & X86_EFLAGS_TF))
		step_trap(vcpu);
}

int vam_emul_skip_two(struct vam_vcpu *vcpu, u8 second)
{
	struct vam_insn insn;
	unsigned int len = vcpu->exit.insn_len;
	gva_t gva;

	if (!len) {
		gva = code_address(vcpu);
		/* The usual case, without the decoder: no prefix, same page. */
		if (vcpu->fetch.page == (gva & VAM_PAGE_MASK) &&
		    page_off(gva) < VAM_PAGE_SIZE - 1 &&
		    vcpu->fetch.va[page_off(gva)] == 0x0f &&
		    vcpu->fetch.va[page_off(gva) + 1] == second) {
			len = 2;
		} else {
			if (vam_emul_fetch(vcpu, &insn))
				return 1;
			len = insn.len;
		}
	}
	vam_emul_skip(vcpu, len);
	return 0;
}

/* One piece of an access, within one page. */
static int access_piece(struct vam_vcpu *vcpu, gpa_t gpa, u8 *buf,
			unsigned int size, bool write)
{
	u8 *va = vam_mem_va(vcpu->vm, gpa);

	if (va && write) {
		/* One store where one is meant: another CPU may look. */
		switch (size) {
		case 8:
			WRITE_ONCE(*(u64 *)va, *(u64 *)buf);
			break;
		case 4:
			WRITE_ONCE(*(u32 *)va, *(u32 *)buf);
			break;
		default:
			memcpy(va, buf, size);
		}
		vam_mmu_guest_wrote(vcpu->vm, gpa, size);
		return 0;
	}
	if (va) {
		switch (size) {
		case 8:
			*(u64 *)buf = READ_ONCE(*(u64 *)va);
			break;
		case 4:
			*(u32 *)buf = READ_ONCE(*(u32 *)va);
			break;
		default:
			memcpy(buf, va, size);
		}
		return 0;
	}

	vam_stat_inc(vcpu, VAM_STAT_mmio);
	/* Odd sizes come from unaligned accesses over a page's end. */
	while (size) {
		unsigned int n = size >= 8 ? 8 :
				 size >= 4 ? 4 :
				 size >= 2 ? 2 :
					     1;
		u64 value = 0;

		if (write) {
			memcpy(&value, buf, n);
			if (vam_bus_write(vcpu, VAM_BUS_MMIO, gpa, n, value))
				return 1;
		} else {
			value = vam_bus_read(vcpu, VAM_BUS_MMIO, gpa, n);
			memcpy(buf, &value, n);
		}
		gpa += n;
		buf += n;
		size -= n;
	}
	return 0;
}

/* Translate the one or two pages of an access; before either is touched. */
static int translate_all(struct vam_vcpu *vcpu, gva_t gva, unsigned int size,
			 bool write, gpa_t gpa[2])
{
	u32 error, access = user_bit(vcpu) | (write ? VAM_ACCESS_WRITE : 0);
	bool is_long = vcpu->sys.efer & EFER_LMA;
	gva_t last = gva + size - 1;

	/* 57 bits with 5-level tables, else 48. */
	if (is_long) {
		unsigned int drop = vcpu->sys.cr4 & X86_CR4_LA57 ? 7 : 16;

		if ((gva_t)((s64)(gva << drop) >> drop) != gva ||
		    (gva_t)((s64)(last << drop) >> drop) != last) {
			vam_emul_gp(vcpu);
			return 1;
		}
	} else {
		last = (u32)last;
	}
	if (!vam_mmu_translate(vcpu, gva, access, &gpa[0], &error)) {
		queue_page_fault(vcpu, gva, error);
		return 1;
	}
	if ((last & VAM_PAGE_MASK) == (gva & VAM_PAGE_MASK))
		return 0;
	if (!vam_mmu_translate(vcpu, last & VAM_PAGE_MASK, access, &gpa[1],
			       &error)) {
		queue_page_fault(vcpu, last & VAM_PAGE_MASK, error);
		return 1;
	}
	return 0;
}

int vam_emul_probe_write(struct vam_vcpu *vcpu, gva_t gva, unsigned int size)
{
	gpa_t gpa[2];

	return translate_all(vcpu, gva, size, true, gpa);
}

int vam_emul_access(struct vam_vcpu *vcpu, gva_t gva, void *buf,
		    unsigned int size, bool write)
{
	unsigned int first =
		min_t(unsigned int, size, VAM_PAGE_SIZE - page_off(gva));
	gpa_t gpa[2];

	if (translate_all(vcpu, gva, size, write, gpa))
		return 1;
	if (access_piece(vcpu, gpa[0], buf, first, write))
		return 1;
	if (first < size)
		return access_piece(vcpu, gpa[1], buf + first, size - first,
				    write);
	return 0;
}

/*
 * The common case of vam_emul_memory(): one operand, inside the page that
 * faulted, so that its translation is known already.
 */
static bool is_simple(const struct vam_insn *insn, gva_t ea, gva_t gva)
{
	return (ea & VAM_PAGE_MASK) == (gva & VAM_PAGE_MASK) &&
	       page_off(ea) + insn->memsize <= VAM_PAGE_SIZE &&
	       insn->memsize <= 8;
}

/* Write @new where @old was read, unless someone was quicker. */
static bool store_if_same(void *va, unsigned int size, u64 old, u64 new)
{
	switch (size) {
	case 1:
		return cmpxchg((u8 *)va, (u8)old, (u8) new) == (u8)old;
	case 2:
		return cmpxchg((u16 *)va, (u16)old, (u16) new) == (u16)old;
	case 4:
		return cmpxchg((u32 *)va, (u32)old, (u32) new) == (u32)old;
	default:
		return cmpxchg((u64 *)va, old, new) == old;
	}
}

/* Read-modify-write of RAM. Lost the race: the guest executes it again. */
static int modify_ram(struct vam_vcpu *vcpu, const struct vam_insn *insn,
		      gpa_t gpa)
{
	void *va = vam_mem_va(vcpu->vm, gpa);
	struct vam_regs regs = vcpu->regs;
	u64 mem[2] = { 0, 0 }, old;
	bool write = false;

	switch (insn->memsize) {
	case 1:
		mem[0] = READ_ONCE(*(u8 *)va);
		break;
	case 2:
		mem[0] = READ_ONCE(*(u16 *)va);
		break;
	case 4:
		mem[0] = READ_ONCE(*(u32 *)va);
		break;
	default:
		mem[0] = READ_ONCE(*(u64 *)va);
	}
	old = mem[0];
	if (vam_insn_exec(insn, &regs, mem, &write))
		return vam_vm_kill(vcpu->vm,
				   "cannot carry out opcode %#x at rip %#llx",
				   insn->opcode, vcpu->regs.rip);
	if (write) {
		if (!store_if_same(va, insn->memsize, old, mem[0]))
			return 0;
		vam_mmu_guest_wrote(vcpu->vm, gpa, insn->memsize);
	}
	vcpu->regs = regs;
	vam_emul_skip(vcpu, insn->len);
	return 0;
}

/* Anything with one memory operand, RAM or device, crossing pages or not. */
static int do_operand(struct vam_vcpu *vcpu, const struct vam_insn *insn,
		      gva_t ea)
{
	struct vam_regs regs = vcpu->regs;
	u64 mem[2] = { 0, 0 };
	bool write = false;

	if (insn->reads_mem &&
	    vam_emul_access(vcpu, ea, mem, insn->memsize, false))
		return 0;
	if (vam_insn_exec(insn, &regs, mem, &write))
		return vam_vm_kill(
			vcpu->vm,
			"cannot carry out opcode %#x on device memory at rip %#llx",
			insn->opcode, vcpu->regs.rip);
	if (write && vam_emul_access(vcpu, ea, mem, insn->memsize, true))
		return 0;
	vcpu->regs = regs;
	vam_emul_skip(vcpu, insn->len);
	return 0;
}

static gva_t stack_address(struct vam_vcpu *vcpu, u64 rsp)
{
	struct vam_seg ss;

	if (vam_emul_is_long(vcpu))
		return rsp;
	vam_hw->get_seg(vcpu, VAM_SEG_SS, &ss);
	return (u32)(ss.base + (ss.attr & VAM_SEG_DB ? (u32)rsp : (u16)rsp));
}

static u64 move_stack(struct vam_vcpu *vcpu, s64 bytes)
{
	u64 rsp = vcpu->regs.gpr[VAM_RSP];
	struct vam_seg ss;

	if (vam_emul_is_long(vcpu))
		return rsp + bytes;
	vam_hw->get_seg(vcpu, VAM_SEG_SS, &ss);
	if (ss.attr & VAM_SEG_DB)
		return (u32)(rsp + bytes);
	return (rsp & ~0xffffULL) | (u16)(rsp + bytes);
}

/* PUSH, POP, CALL and JMP with an operand in device memory. */
static int do_stack(struct vam_vcpu *vcpu, const struct vam_insn *insn,
		    gva_t ea)
{
	u64 value = 0, rsp = vcpu->regs.gpr[VAM_RSP];
	u64 next = vcpu->regs.rip + insn->len;

	if (insn->op == VAM_INSN_POP) {
		if (vam_emul_access(vcpu, stack_address(vcpu, rsp), &value,
				    insn->stacksize, false) ||
		    vam_emul_access(vcpu, ea, &value, insn->memsize, true))
			return 0;
		vcpu->regs.gpr[VAM_RSP] = move_stack(vcpu, insn->stacksize);
		vam_emul_skip(vcpu, insn->len);
		return 0;
	}
	if (vam_emul_access(vcpu, ea, &value, insn->memsize, false))
		return 0;
	if (insn->op != VAM_INSN_JMP) {
		u64 *what = insn->op == VAM_INSN_CALL ? &next : &value;

		rsp = move_stack(vcpu, -(s64)insn->stacksize);
		if (vam_emul_access(vcpu, stack_address(vcpu, rsp), what,
				    insn->stacksize, true))
			return 0;
		vcpu->regs.gpr[VAM_RSP] = rsp;
	}
	vam_emul_skip(vcpu, insn->len);
	if (insn->op != VAM_INSN_PUSH)
		vcpu->regs.rip = value;
	return 0;
}

static bool is_stack_insn(const struct vam_insn *insn)
{
	return insn->has_mem &&
	       (insn->op == VAM_INSN_PUSH || insn->op == VAM_INSN_POP ||
		insn->op == VAM_INSN_CALL || insn->op == VAM_INSN_JMP);
}

/* The same for a device, when the translation is known. */
static int do_device(struct vam_vcpu *vcpu, const struct vam_insn *insn,
		     gpa_t gpa)
{
	u64 mem[2] = { 0, 0 };
	bool write = false;

	vam_stat_inc(vcpu, VAM_STAT_mmio);
	if (insn->reads_mem)
		mem[0] = vam_bus_read(vcpu, VAM_BUS_MMIO, gpa, insn->memsize);
	if (vam_insn_exec(insn, &vcpu->regs, mem, &write))
		return vam_vm_kill(
			vcpu->vm,
			"cannot carry out opcode %#x on device memory at rip %#llx",
			insn->opcode, vcpu->regs.rip);
	if (write &&
	    vam_bus_write(vcpu, VAM_BUS_MMIO, gpa, insn->memsize, mem[0]))
		return VAM_STOP;
	vam_emul_skip(vcpu, insn->len);
	return 0;
}

/* One element; 0 done, 1 exception queued or VM ended. */
static int do_element(struct vam_vcpu *vcpu, const struct vam_insn *insn)
{
	struct vam_regs regs = vcpu->regs;
	gva_t dst = 0;
	u64 mem[2] = { 0, 0 };
	bool write = false;

	if (insn->op == VAM_INSN_MOVS || insn->op == VAM_INSN_LODS ||
	    insn->op == VAM_INSN_CMPS) {
		gva_t src = vam_emul_linear(vcpu, insn->seg,
					    vam_insn_string_src(insn, &regs));

		if (vam_emul_access(vcpu, src, &mem[0], insn->opsize, false))
			return 1;
	}
	if (insn->op != VAM_INSN_LODS)
		dst = vam_emul_linear(vcpu, VAM_SEG_ES,
				      vam_insn_string_dst(insn, &regs));
	if (insn->op == VAM_INSN_SCAS || insn->op == VAM_INSN_CMPS) {
		u64 *to = &mem[insn->op == VAM_INSN_CMPS];

		if (vam_emul_access(vcpu, dst, to, insn->opsize, false))
			return 1;
	}
	if (vam_insn_exec(insn, &regs, mem, &write)) {
		vam_vm_kill(vcpu->vm,
			    "cannot carry out string opcode %#x at rip %#llx",
			    insn->opcode, vcpu->regs.rip);
		return 1;
	}
	if (write && vam_emul_access(vcpu, dst, &mem[0], insn->opsize, true))
		return 1;
	vcpu->regs = regs;
	return 0;
}

static int do_string(struct vam_vcpu *vcpu, const struct vam_insn *insn)
{
	unsigned int i;
	bool more = vam_insn_string_count(insn, &vcpu->regs);

	for (i = 0; more && i < STRING_BATCH; i++) {
		if (do_element(vcpu, insn))
			return 0;
		more = vam_insn_string_step(insn, &vcpu->regs, 1);
	}
	if (!more)
		vam_emul_skip(vcpu, insn->len);
	return 0;
}

/*
 * May the instruction be carried out here? If its explicit operand is not
 * what faulted, the CPU's own doing was (a descriptor table, the stack).
 */
static bool operand_faulted(const struct vam_insn *insn, gva_t ea, gva_t gva)
{
	return insn->has_mem && !insn->is_stack && insn->memsize &&
	       gva - ea < insn->memsize;
}

static bool is_ours(const struct vam_insn *insn)
{
	return insn->op && insn->op < VAM_INSN_PUSH;
}

int vam_emul_memory(struct vam_vcpu *vcpu, gva_t gva, gpa_t gpa, bool traced)
{
	struct vam_insn insn;
	gva_t ea = 0;

	if (vcpu->exit.delivering.type != VAM_EVENT_NONE)
		goto not_ours;
	if (vam_emul_fetch(vcpu, &insn))
		return 0;
	if (!traced && is_stack_insn(&insn))
		return do_stack(
			vcpu, &insn,
			vam_emul_linear(vcpu, insn.seg,
					vam_insn_ea(&insn, &vcpu->regs)));
	if (!is_ours(&insn) || (insn.is_string && insn.op >= VAM_INSN_INS))
		goto not_ours;

	vam_stat_inc(vcpu, VAM_STAT_insn_emulated);
	if (insn.is_string)
		return do_string(vcpu, &insn);

	if (insn.has_mem)
		ea = vam_emul_linear(vcpu, insn.seg,
				     vam_insn_ea(&insn, &vcpu->regs));
	if (!operand_faulted(&insn, ea, gva))
		goto not_ours;
	/*
	 * A translation found for the CPU's own access (to a descriptor, say)
	 * is not good for user code that another vCPU put there since.
	 */
	if (vcpu->exit.kind == VAM_EXIT_PAGE_FAULT && user_bit(vcpu) &&
	    !(vcpu->exit.u.pf.error & VAM_ACCESS_USER))
		goto not_ours;
	if (is_simple(&insn, ea, gva)) {
		gpa = (gpa & VAM_PAGE_MASK) | page_off(ea);
		if (!traced)
			return do_device(vcpu, &insn, gpa);
		return modify_ram(vcpu, &insn, gpa);
	}
	if (!traced)
		return do_operand(vcpu, &insn, ea);

not_ours:
	if (traced) {
		/* Let it execute for real, on a page no longer traced. */
		vam_mmu_unprotect(vcpu->vm, gpa_to_gfn(gpa));
		return 0;
	}
	return vam_vm_kill(
		vcpu->vm,
		"access to gpa %#llx, where no memory is, by something that cannot be emulated at rip %#llx",
		gpa, vcpu->regs.rip);
}

static int vcpu_create(struct vam_vcpu *vcpu)
{
	vcpu->decoded = vam_zalloc(sizeof(*vcpu->decoded));
	return vcpu->decoded ? 0 : -ENOMEM;
}

static void vcpu_destroy(struct vam_vcpu *vcpu)
{
	kfree(vcpu->decoded);
	vcpu->decoded = NULL;
}

const struct vam_part vam_emul_part = {
	.name = "emulator",
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
};
