// SPDX-License-Identifier: GPL-2.0
/*
 * insn_zydis_test.c - our decoder agrees with an independent one
 *
 * Zydis decodes the same bytes in the same mode. Where it finds a legal
 * instruction we must find one of the same length; where we say how memory is
 * addressed and accessed, it must say so too. The inputs are random bytes with
 * a bias to prefixes and escapes, and the code of the C library as a compiler
 * made it. What Zydis rejects is not compared: it knows the CPU's rules for
 * reserved encodings better than we need to.
 */
#include <linux/errno.h>
#include <linux/types.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "lib/insn.h"
#include "tap.h"

#if __has_include(<Zydis/Zydis.h>)
#include <Zydis/Zydis.h>

#define ROUNDS 3000000u
#define MAX_NOTES 12u

static const struct {
	enum vam_insn_mode mode;
	ZydisMachineMode machine;
	ZydisStackWidth width;
	const char *name;
} modes[] = {
	{ VAM_INSN_64, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64,
	  "64-bit" },
	{ VAM_INSN_32, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32,
	  "32-bit" },
	{ VAM_INSN_16, ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16,
	  "16-bit" },
};

static ZydisDecoder decoder;
static ZydisFormatter formatter;
static u64 seed = 0x5851f42d4c957f2dull;

/* What has been compared, to prove that it was not nothing. */
static struct {
	u64 lengths;
	u64 operands;
	u64 accesses;
	u64 locks;
	u64 wrong;
} counts;

static void complain(const char *what, const u8 *bytes,
		     const ZydisDecodedInstruction *z,
		     const ZydisDecodedOperand *ops, const struct vam_insn *i,
		     int err)
{
	char text[128] = "";
	char hex[64] = "";
	unsigned int n;

	if (counts.wrong++ >= MAX_NOTES)
		return;
	for (n = 0; n < z->length; n++)
		sprintf(hex + 3 * n, "%02x ", bytes[n]);
	ZydisFormatterFormatInstruction(&formatter, z, ops,
					z->operand_count_visible, text,
					sizeof(text), 0, NULL);
	tap_note("%s: %s(%s): len %d, ours %d (err %d), op %d", what, hex, text,
		 z->length, i->len, err, i->op);
}

/* Number of a Zydis general register as encodings have it, or none. */
static u8 gpr_number(ZydisRegister reg)
{
	if (reg == ZYDIS_REGISTER_NONE || reg == ZYDIS_REGISTER_RIP ||
	    reg == ZYDIS_REGISTER_EIP)
		return VAM_INSN_NO_REG;
	/* Its byte registers count AL to BL, AH to BH, and SPL comes after. */
	if (reg >= ZYDIS_REGISTER_SPL && reg <= ZYDIS_REGISTER_R15B)
		return ZydisRegisterGetId(reg) - 4;
	return ZydisRegisterGetId(reg);
}

static u8 seg_number(ZydisRegister reg)
{
	return reg - ZYDIS_REGISTER_ES;
}

/* The explicit memory operand of an instruction, or NULL. */
static const ZydisDecodedOperand *find_memory(const ZydisDecodedInstruction *z,
					      const ZydisDecodedOperand *ops)
{
	unsigned int i;

	for (i = 0; i < z->operand_count; i++)
		if (ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    (ops[i].encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM ||
		     ops[i].encoding == ZYDIS_OPERAND_ENCODING_DISP16_32_64))
			return &ops[i];
	return NULL;
}

/* Is this one of the operations whose operands we claim to know? */
static bool is_known(const struct vam_insn *insn)
{
	return insn->op != VAM_INSN_OTHER && insn->op != VAM_INSN_VMX &&
	       insn->op != VAM_INSN_NOP;
}

static bool same_address(const struct vam_insn *insn,
			 const ZydisDecodedOperand *mem)
{
	u64 mask = insn->addrsize == 8 ? ~0ull :
					 (1ull << (8 * insn->addrsize)) - 1;
	u8 base = gpr_number(mem->mem.base);
	u8 index = gpr_number(mem->mem.index);

	if (insn->base != base || insn->index != index)
		return false;
	if (index != VAM_INSN_NO_REG && insn->scale != (mem->mem.scale ?: 1))
		return false;
	if (insn->rip_relative != (mem->mem.base == ZYDIS_REGISTER_RIP ||
				   mem->mem.base == ZYDIS_REGISTER_EIP))
		return false;
	/*
	 * LEA has no segment for Zydis, and 3E before an indirect branch is
	 * only NOTRACK, while CPUs take it as DS all the same.
	 */
	if (insn->op != VAM_INSN_LEA && insn->op != VAM_INSN_CALL &&
	    insn->op != VAM_INSN_JMP &&
	    insn->seg != seg_number(mem->mem.segment))
		return false;
	return ((insn->disp ^ mem->mem.disp.value) & mask) == 0;
}

/*
 * Zydis calls a BT with a register bit number and a memory operand an access
 * of the operand size as well. A CMOV reads its source whatever the condition
 * says; Zydis knows that too. INVLPG and CLFLUSH access nothing.
 */
static bool same_access(const struct vam_insn *insn,
			const ZydisDecodedOperand *mem)
{
	bool reads = mem->actions & ZYDIS_OPERAND_ACTION_MASK_READ;
	bool writes = mem->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;

	if (mem->mem.type == ZYDIS_MEMOP_TYPE_AGEN ||
	    insn->op == VAM_INSN_CLFLUSH || insn->op == VAM_INSN_INVLPG)
		return !insn->reads_mem && !insn->writes_mem;
	if (insn->reads_mem != reads || insn->writes_mem != writes)
		return false;
	/* The SDM has MOVSXD r16, r/m16; Zydis (and QEMU) read four bytes. */
	if (insn->op == VAM_INSN_MOVSX && insn->opcode == 0x63 &&
	    insn->opsize == 2)
		return insn->memsize == 2;
	/* Zydis has AMD's operand size for direct near branches only. */
	if (insn->mode == VAM_INSN_64 && insn->opsize == 2 &&
	    (insn->op == VAM_INSN_CALL || insn->op == VAM_INSN_JMP))
		return insn->memsize == 2;
	return insn->memsize * 8 == mem->size;
}

static void compare_memory(const u8 *bytes, const struct vam_insn *insn,
			   const ZydisDecodedInstruction *z,
			   const ZydisDecodedOperand *ops)
{
	const ZydisDecodedOperand *mem = find_memory(z, ops);

	if (!is_known(insn))
		return;
	if (insn->has_mem != !!mem) {
		complain("memory", bytes, z, ops, insn, 0);
		return;
	}
	if (!mem)
		return;

	counts.operands++;
	if (!same_address(insn, mem)) {
		complain("address", bytes, z, ops, insn, 0);
		return;
	}
	counts.accesses++;
	if (!same_access(insn, mem))
		complain("access", bytes, z, ops, insn, 0);
}

/* Every register and immediate that we name must be an operand of Zydis's. */
static void compare_args(const u8 *bytes, const struct vam_insn *insn,
			 const ZydisDecodedInstruction *z,
			 const ZydisDecodedOperand *ops)
{
	unsigned int i;
	bool reg_seen = false;
	bool imm_seen = false;
	bool high;

	if (!is_known(insn))
		return;
	for (i = 0; i < z->operand_count; i++) {
		if (ops[i].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
		    (u64)ops[i].imm.value.s == insn->imm)
			imm_seen = true;
		if (ops[i].type != ZYDIS_OPERAND_TYPE_REGISTER)
			continue;
		high = ops[i].reg.value >= ZYDIS_REGISTER_AH &&
		       ops[i].reg.value <= ZYDIS_REGISTER_BH;
		if (gpr_number(ops[i].reg.value) ==
			    insn->reg + (high ? 4 : 0) &&
		    high == insn->reg_high &&
		    ZydisRegisterGetWidth(z->machine_mode, ops[i].reg.value) ==
			    insn->opsize * 8)
			reg_seen = true;
	}

	if ((insn->dst == VAM_ARG_REG || insn->src == VAM_ARG_REG) && !reg_seen)
		complain("register", bytes, z, ops, insn, 0);
	/* Counts and bit numbers: we sign-extend, which does not matter. */
	if (insn->src == VAM_ARG_IMM && !imm_seen && insn->op >= VAM_INSN_MOV &&
	    insn->op <= VAM_INSN_TEST)
		complain("immediate", bytes, z, ops, insn, 0);
}

/*
 * Encodings that Zydis accepts and the CPU of our rules does not, or that
 * depend on a CPU's age. Each with its reason.
 */
static bool is_exempt(const ZydisDecodedInstruction *z, const u8 *bytes)
{
	switch (z->mnemonic) {
	case ZYDIS_MNEMONIC_UD0:
	case ZYDIS_MNEMONIC_UD1:
	case ZYDIS_MNEMONIC_UD2:
		return true; /* that is what #UD means */
	default:
		break;
	}
	/* With REX.B this is XCHG for a CPU (measured), PAUSE for Zydis. */
	if (z->mnemonic == ZYDIS_MNEMONIC_PAUSE && z->raw.rex.B)
		return true;
	/*
	 * ModRM.mod 0 with SIB.base 5 has no base, with REX.B as well, as the
	 * native LEA test proves. Zydis 4.0 sees r13d if there is a 67.
	 */
	if (z->address_width == 32 && z->raw.rex.B && z->raw.modrm.mod == 0 &&
	    z->raw.modrm.rm == 4 && z->raw.sib.base == 5)
		return true;
	/* VIA's random numbers and ciphers; Intel's cancelled coprocessor */
	return (bytes[z->raw.prefix_count] == 0x0f &&
		(bytes[z->raw.prefix_count + 1] & 0xfe) == 0xa6) ||
	       z->mnemonic == ZYDIS_MNEMONIC_JKZD ||
	       z->mnemonic == ZYDIS_MNEMONIC_JKNZD ||
	       z->encoding == ZYDIS_INSTRUCTION_ENCODING_MVEX;
}

/* Where Zydis calls LOCK illegal, so must we; save for LOCK MOV CR0 = CR8. */
static void compare_lock(const u8 *bytes, unsigned int n,
			 enum vam_insn_mode mode)
{
	struct vam_insn insn;
	int err = vam_insn_decode(&insn, bytes, n, mode);

	counts.locks++;
	if (err == -EINVAL || (!err && insn.reg == 8 &&
			       (insn.op == VAM_INSN_MOV_FROM_CR ||
				insn.op == VAM_INSN_MOV_TO_CR)))
		return;
	if (counts.wrong++ < MAX_NOTES)
		tap_note("lock: %02x %02x %02x %02x %02x: %d, op %d", bytes[0],
			 bytes[1], bytes[2], bytes[3], bytes[4], err, insn.op);
}

/* Returns the length Zydis found, or 0. */
static unsigned int compare(const u8 *bytes, unsigned int n,
			    enum vam_insn_mode mode)
{
	ZydisDecodedInstruction z;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	struct vam_insn insn;
	ZyanStatus status;
	int err;

	status = ZydisDecoderDecodeFull(&decoder, bytes, n, &z, ops);
	if (status == ZYDIS_STATUS_ILLEGAL_LOCK)
		compare_lock(bytes, n, mode);
	if (ZYAN_FAILED(status))
		return 0;
	if (is_exempt(&z, bytes))
		return z.length;

	counts.lengths++;
	err = vam_insn_decode(&insn, bytes, n, mode);
	if (err || insn.len != z.length) {
		if (err)
			insn.len = 0;
		complain("length", bytes, &z, ops, &insn, err);
		return z.length;
	}
	compare_memory(bytes, &insn, &z, ops);
	compare_args(bytes, &insn, &z, ops);
	return z.length;
}

static void compare_random(enum vam_insn_mode mode)
{
	static const u8 starts[] = {
		0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x65, 0x48, 0x41, 0x0f,
		0x0f, 0x0f, 0xc4, 0xc5, 0x62, 0x8f, 0x4f, 0x36, 0x80, 0xf7,
	};
	unsigned int round, i, prefixes;
	u8 bytes[16];
	u64 value;

	for (round = 0; round < ROUNDS; round++) {
		value = tap_random(&seed);
		memcpy(bytes, &value, 8);
		value = tap_random(&seed);
		memcpy(bytes + 8, &value, 8);
		value = tap_random(&seed);
		prefixes = value % 4;
		for (i = 0; i < prefixes; i++)
			bytes[i] = starts[(value >> (8 + 8 * i)) % 20];
		compare(bytes, sizeof(bytes), mode);
	}
}

/* Read a whole file; NULL if there is none. */
static u8 *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	u8 *data = NULL;

	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	*size = ftell(file);
	rewind(file);
	data = malloc(*size + 16);
	if (data && fread(data, 1, *size, file) != *size) {
		free(data);
		data = NULL;
	}
	fclose(file);
	return data;
}

/* Walk the executable segments of a 64-bit ELF file; false if there is none. */
static bool compare_elf(const char *path)
{
	size_t size = 0;
	u8 *data = read_file(path, &size);
	const Elf64_Ehdr *elf = (void *)data;
	const Elf64_Phdr *ph;
	unsigned int i, length;
	u64 at, end;

	if (!data)
		return false;
	ph = (void *)(data + elf->e_phoff);
	for (i = 0; i < elf->e_phnum; i++) {
		if (ph[i].p_type != PT_LOAD || !(ph[i].p_flags & PF_X))
			continue;
		end = ph[i].p_offset + ph[i].p_filesz - 16;
		for (at = ph[i].p_offset; at < end; at += length ?: 1)
			length = compare(data + at, 16, VAM_INSN_64);
	}
	free(data);
	return true;
}

static void report(const char *name, u64 at_least)
{
	char sentence[128];

	tap_note("%s: %llu lengths, %llu addresses, %llu accesses, "
		 "%llu illegal locks, %llu differ",
		 name, counts.lengths, counts.operands, counts.accesses,
		 counts.locks, counts.wrong);
	snprintf(sentence, sizeof(sentence),
		 "%s agrees with Zydis in length, address and access", name);
	tap_ok(!counts.wrong && counts.lengths >= at_least &&
		       counts.accesses >= at_least / 20,
	       sentence);
	memset(&counts, 0, sizeof(counts));
}

static void set_up(unsigned int i)
{
	ZydisDecoderInit(&decoder, modes[i].machine, modes[i].width);
	/* Our rules are AMD's; and no instructions of a cancelled CPU. */
	ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_AMD_BRANCHES,
			       ZYAN_TRUE);
	ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_KNC, ZYAN_FALSE);
}

int main(void)
{
	char name[64];
	unsigned int i;

	ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
	for (i = 0; i < 3; i++) {
		set_up(i);
		compare_random(modes[i].mode);
		snprintf(name, sizeof(name), "random %s code", modes[i].name);
		report(name, ROUNDS / 4);
	}

	set_up(0);
	if (compare_elf("/lib/x86_64-linux-gnu/libc.so.6"))
		report("the code of the C library", 100000);
	else
		tap_skip("the code of the C library",
			 "not where Debian has it");
	return tap_done();
}
#else
int main(void)
{
	tap_skip("the decoder agrees with Zydis", "libzydis-dev is missing");
	return tap_done();
}
#endif
