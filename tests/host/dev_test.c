// SPDX-License-Identifier: GPL-2.0
/*
 * dev_test.c - the platform's device models behave as their data sheets say
 *
 * The models and event delivery run as they are, on a virtual machine of two
 * vCPUs that execute nothing: the test plays guest (port and MMIO accesses,
 * RFLAGS.IF, TPR, EOI) and backend (what was injected, which windows were asked
 * for), and moves the time.
 */
#include "core/hw.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "dev/devices.h"
#include "dev/lapic.h"
#include "dev/uart.h"
#include "irq/virq.h"
#include "tap.h"

#define LAPIC 0xfee00000ull
#define IOAPIC 0xfec00000ull
#define US 1000ll
#define MS 1000000ll

/* --- the machine around the models ------------------------------------------- */

static struct vam_vm vm;
static struct vam_vcpu vcpus[2];
static struct task_struct tasks[2];
struct task_struct *current;
ktime_t shim_now = 1000 * MS;
unsigned int tsc_khz = 2000000;
static struct hrtimer *timers;
static u32 exit_value;
static char killed[200];

void hrtimer_start(struct hrtimer *timer, ktime_t when, enum hrtimer_mode mode)
{
	timer->expires = mode == HRTIMER_MODE_REL ? shim_now + when : when;
	timer->queued = true;
	if (!timer->known) {
		timer->known = true;
		timer->next = timers;
		timers = timer;
	}
}

int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	bool was = timer->queued;

	timer->queued = false;
	return was;
}

unsigned int shim_advance(ktime_t ns)
{
	ktime_t end = shim_now + ns;
	struct hrtimer *t, *first;
	unsigned int n = 0;

	for (;;) {
		first = NULL;
		for (t = timers; t; t = t->next)
			if (t->queued && t->expires <= end &&
			    (!first || t->expires < first->expires))
				first = t;
		if (!first)
			break;
		shim_now = max(shim_now, first->expires);
		first->queued = false;
		first->function(first);
		n++;
	}
	shim_now = end;
	return n;
}

/* What the backend was asked for. */
static struct vam_event injected;
static bool irq_window, nmi_window, tpr_exit;

static void hw_inject(struct vam_vcpu *vcpu, const struct vam_event *event)
{
	injected = *event;
}

static void hw_irq_window(struct vam_vcpu *vcpu, bool on)
{
	irq_window = on;
}

static void hw_nmi_window(struct vam_vcpu *vcpu, bool on)
{
	nmi_window = on;
}

static void hw_tpr_exit(struct vam_vcpu *vcpu, bool on)
{
	tpr_exit = on;
}

static struct vam_seg cs;

static void hw_get_seg(struct vam_vcpu *vcpu, unsigned int reg,
		       struct vam_seg *seg)
{
	*seg = cs;
}

static void hw_set_seg(struct vam_vcpu *vcpu, unsigned int reg,
		       const struct vam_seg *seg)
{
	cs = *seg;
}

static const struct vam_hw_ops hw = {
	.inject = hw_inject,
	.want_irq_window = hw_irq_window,
	.want_nmi_window = hw_nmi_window,
	.want_tpr_exit = hw_tpr_exit,
	.get_seg = hw_get_seg,
	.set_seg = hw_set_seg,
};
const struct vam_hw_ops *vam_hw = &hw;

static unsigned int kicks[2];

void vam_vcpu_kick(struct vam_vcpu *vcpu)
{
	kicks[vcpu->id]++;
}

static unsigned int resets;

void vam_vcpu_reset(struct vam_vcpu *vcpu)
{
	resets++;
	vcpu->regs.rip = 0xfff0;
	vam_irq_part.vcpu_reset(vcpu);
	vam_dev_part.vcpu_reset(vcpu);
}

int vam_vm_kill(struct vam_vm *v, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(killed, sizeof(killed), fmt, args);
	va_end(args);
	return VAM_STOP;
}

int vam_vm_end(struct vam_vm *v, enum vam_vm_end end, u32 value,
	       const char *why)
{
	exit_value = value;
	return VAM_STOP;
}

static void machine_make(void)
{
	unsigned int i;

	memset(&vm, 0, sizeof(vm));
	memset(vcpus, 0, sizeof(vcpus));
	vm.console_size = 4096;
	vm.mem.size = 64 << 20;
	vm.state = VAM_VM_RUNNING;
	if (vam_irq_part.vm_create(&vm) || vam_dev_part.vm_create(&vm))
		abort();
	for (i = 0; i < 2; i++) {
		vcpus[i].vm = &vm;
		vcpus[i].id = i;
		vcpus[i].task = &tasks[i];
		vcpus[i].state = i ? VAM_VCPU_WAIT_SIPI : VAM_VCPU_RUNNABLE;
		if (vam_dev_part.vcpu_create(&vcpus[i]))
			abort();
		vam_vcpu_reset(&vcpus[i]);
		vcpus[i].sys.cr0 |= X86_CR0_PE; /* error codes are pushed */
		vm.vcpus[i] = &vcpus[i];
		vm.nr_vcpus++;
	}
	current = &tasks[0];
	killed[0] = 0;
	exit_value = 0;
	irq_window = nmi_window = tpr_exit = false;
	kicks[0] = kicks[1] = 0;
}

static void machine_unmake(void)
{
	unsigned int i;

	for (i = 2; i-- > 0;)
		vam_dev_part.vcpu_destroy(&vcpus[i]);
	vam_dev_part.vm_destroy(&vm);
	vam_irq_part.vm_destroy(&vm);
	timers = NULL;
}

/* --- the guest's side --------------------------------------------------------- */

static struct vam_vcpu *cpu = &vcpus[0];

static u32 in(u16 port)
{
	return vam_bus_read(cpu, VAM_BUS_PORT, port, 1);
}

static void out(u16 port, u8 value)
{
	vam_bus_write(cpu, VAM_BUS_PORT, port, 1, value);
}

static u32 rd(u64 addr)
{
	return vam_bus_read(cpu, VAM_BUS_MMIO, addr, 4);
}

static void wr(u64 addr, u32 value)
{
	vam_bus_write(cpu, VAM_BUS_MMIO, addr, 4, value);
}

static u32 lapic(u32 reg)
{
	return rd(LAPIC + reg);
}

static void set_lapic(u32 reg, u32 value)
{
	wr(LAPIC + reg, value);
}

static u32 ioapic(u32 reg)
{
	wr(IOAPIC, reg);
	return rd(IOAPIC + 0x10);
}

static void set_ioapic(u32 reg, u32 value)
{
	wr(IOAPIC, reg);
	wr(IOAPIC + 0x10, value);
}

static void set_pin(u32 pin, u32 low, u32 high)
{
	set_ioapic(0x11 + 2 * pin, high);
	set_ioapic(0x10 + 2 * pin, low);
}

/* One entry with IF as given. Returns the vector, -1 for nothing. */
static int enter_if(bool interrupts)
{
	injected.type = VAM_EVENT_NONE;
	cpu->regs.rflags = interrupts ? X86_EFLAGS_IF : 0;
	vam_virq_deliver(cpu);
	cpu->exit.kind = VAM_EXIT_IRQ;
	cpu->exit.delivering.type = VAM_EVENT_NONE;
	return injected.type == VAM_EVENT_NONE ? -1 : injected.vector;
}

static int enter(void)
{
	return enter_if(true);
}

static void eoi(void)
{
	set_lapic(0xb0, 0);
}

static void self_ipi(u8 vector)
{
	set_lapic(0x310, 0);
	set_lapic(0x300, 0x4000 | vector);
}

static void lapic_on(void)
{
	set_lapic(0xf0, 0x1ff);
}

static void pic_init(u8 icw4)
{
	static const u16 port[2] = { 0x20, 0xa0 };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		out(port[i], 0x11);
		out(port[i] + 1, 0x40 + 8 * i);
		out(port[i] + 1, i ? 2 : 4);
		out(port[i] + 1, icw4);
		out(port[i] + 1, 0);
	}
}

static void line(unsigned int gsi, bool level)
{
	vam_irq_set_line(&vm, gsi, 31, level);
}

static u8 poll(void)
{
	out(0x20, 0x0c);
	return in(0x20);
}

static u8 irr(void)
{
	out(0x20, 0x0a);
	return in(0x20);
}

static u8 isr(void)
{
	out(0x20, 0x0b);
	return in(0x20);
}

/* --- bus ------------------------------------------------------------------------ */

static void test_bus(void)
{
	machine_make();
	tap_ok(vam_bus_read(cpu, VAM_BUS_PORT, 0x1234, 4) == 0xffffffff &&
		       vam_bus_read(cpu, VAM_BUS_PORT, 0x1234, 1) == 0xff &&
		       vam_bus_read(cpu, VAM_BUS_MMIO, 0xd0000000, 8) == ~0ull,
	       "nobody there reads as all ones");
	tap_ok(!vam_bus_write(cpu, VAM_BUS_PORT, 0x1234, 4, 5),
	       "writes to nobody are ignored");
	out(0x3ff, 0x5a);
	tap_ok(vam_bus_read(cpu, VAM_BUS_PORT, 0x3ff, 2) == 0xff5a,
	       "an access over the end of a region is split");
	vam_bus_write(cpu, VAM_BUS_PORT, 0x20, 2, 0x3711);
	tap_ok(in(0x3fd) == 0x60 &&
		       vam_bus_read(cpu, VAM_BUS_PORT, 0x3fc, 4) ==
			       (0x08u | 0x60 << 8 | 0xb0 << 16 | 0x5a << 24),
	       "a wide access to a byte-wide model comes in bytes");
	tap_ok(vam_bus_write(cpu, VAM_BUS_PORT, 0xf4, 4, 0x12345678) ==
			       VAM_STOP &&
		       exit_value == 0x12345678,
	       "port f4 ends the VM with the value");
	vam_bus_read(cpu, VAM_BUS_PORT, 0xffff, 8);
	vam_bus_read(cpu, VAM_BUS_MMIO, ~0ull - 2, 8);
	vam_bus_write(cpu, VAM_BUS_MMIO, LAPIC + 0xffe, 8, ~0ull);
	tap_ok(true, "accesses at the very top do not go wrong");
	machine_unmake();
}

/* --- 8259 ------------------------------------------------------------------------ */

static void test_pic(void)
{
	machine_make();
	lapic_on();
	set_lapic(0x350, 0x700);
	pic_init(1);
	tap_ok(enter() == -1, "8259: nothing at first");
	line(4, true);
	tap_ok(irr() == 0x10 && enter_if(false) == -1 && irq_window,
	       "8259: request waits for IF and asks for a window");
	tap_ok(enter() == 0x44 && isr() == 0x10 && irr() == 0 && !irq_window,
	       "8259: delivered through LINT0");
	line(4, false);
	line(4, true);
	tap_ok(enter() == -1, "8259: not again before EOI");
	line(1, true);
	tap_ok(enter() == 0x41 && isr() == 0x12,
	       "8259: higher priority passes");
	out(0x20, 0x20);
	tap_ok(isr() == 0x10, "8259: EOI ends the highest in service");
	out(0x20, 0x20);
	tap_ok(enter() == 0x44, "8259: the one that waited");
	out(0x20, 0x64);
	tap_ok(isr() == 0, "8259: specific EOI");
	line(4, false);
	line(1, false);

	line(12, true);
	tap_ok(enter() == 0x4c && isr() == 4, "8259: the slave's, by cascade");
	out(0xa0, 0x0b);
	tap_ok(in(0xa0) == 0x10, "8259: in service in the slave");
	line(9, true);
	tap_ok(enter() == -1, "8259: cascade in service holds the slave back");
	out(0xa0, 0x20);
	out(0x20, 0x20);
	tap_ok(enter() == 0x49, "8259: after both EOIs the next of the slave");
	out(0xa0, 0x20);
	out(0x20, 0x20);
	line(12, false);
	line(9, false);

	pic_init(0x11);
	line(12, true);
	enter();
	line(9, true);
	tap_ok(enter() == 0x49,
	       "8259: special fully nested mode lets a higher one pass");
	line(12, false);
	line(9, false);

	pic_init(3);
	line(4, true);
	tap_ok(enter() == 0x44 && isr() == 0, "8259: automatic EOI");
	line(4, false);

	pic_init(1);
	out(0x21, 0x10);
	line(4, true);
	tap_ok(poll() == 0 && enter() == -1, "8259: masked");
	out(0x21, 0);
	tap_ok(poll() == 0x84 && isr() == 0x10 && poll() == 0,
	       "8259: poll acknowledges");
	out(0x20, 0xe4);
	line(4, false);
	line(4, true);
	line(3, true);
	line(5, true);
	tap_ok(poll() == 0x85, "8259: after rotation 5 is before 3 and 4");
	pic_init(1);
	tap_ok(irr() == 0 && poll() == 0, "8259: initialization forgets edges");
	line(3, false);
	line(4, false);
	line(5, false);

	out(0x4d0, 0xff);
	out(0x4d1, 0xff);
	tap_ok(in(0x4d0) == 0xf8 && in(0x4d1) == 0xde, "ELCR: writable bits");
	line(5, true);
	tap_ok(poll() == 0x85 && irr() == 0x20, "8259: a level stays in IRR");
	out(0x20, 0x20);
	tap_ok(poll() == 0x85, "8259: and comes again");
	out(0x20, 0x20);
	line(5, false);
	tap_ok(irr() == 0 && poll() == 0, "8259: until it goes");
	line(5, true);
	injected.type = 0;
	cpu->regs.rflags = 0;
	enter_if(false);
	line(5, false);
	tap_ok(irq_window && enter() == -1 && !irq_window,
	       "8259: a request that went closes the window");
	machine_unmake();
}

/* --- LAPIC ------------------------------------------------------------------------ */

static void test_lapic(void)
{
	unsigned int i;

	machine_make();
	tap_ok(lapic(0x30) == 0x50014 && lapic(0x20) == 0 &&
		       lapic(0xf0) == 0xff && lapic(0x350) == 0x700 &&
		       lapic(0x320) == 0x10000 && lapic(0xe0) == 0xffffffff,
	       "LAPIC: state after reset");
	self_ipi(0x51);
	tap_ok(enter() == -1, "LAPIC: software-disabled, accepts nothing");
	lapic_on();
	self_ipi(0x31);
	self_ipi(0x35);
	self_ipi(0x71);
	tap_ok(lapic(0x210) == (1 << 0x11 | 1 << 0x15) &&
		       lapic(0x230) == 1 << 0x11,
	       "LAPIC: pending in IRR");
	tap_ok(enter_if(false) == -1 && irq_window, "LAPIC: waits for IF");
	tap_ok(enter() == 0x71 && lapic(0xa0) == 0x70 &&
		       lapic(0x130) == 1 << 0x11 && !irq_window,
	       "LAPIC: highest first; the rest needs an EOI, not a window");
	self_ipi(0x75);
	tap_ok(enter() == -1, "LAPIC: same class does not nest");
	self_ipi(0x80);
	tap_ok(enter() == 0x80, "LAPIC: higher class does");
	eoi();
	tap_ok(lapic(0xa0) == 0x70 && enter() == -1,
	       "LAPIC: EOI of the higher");
	eoi();
	tap_ok(enter() == 0x75, "LAPIC: then the same class");
	eoi();
	tap_ok(enter() == 0x35, "LAPIC: and the lower ones");
	eoi();
	tap_ok(enter() == 0x31, "LAPIC: in order");
	eoi();
	eoi();
	tap_ok(enter() == -1 && !cpu->intr_hint && !cpu->windows,
	       "LAPIC: nothing left, no hint, no window");

	set_lapic(0x80, 0x50);
	tap_ok(cpu->sys.cr8 == 5, "LAPIC: TPR sets CR8");
	self_ipi(0x55);
	tap_ok(enter() == -1 && tpr_exit && !irq_window,
	       "LAPIC: held back by TPR alone: CR8 writes exit");
	vam_lapic_set_cr8(cpu, 4);
	tap_ok(lapic(0x80) == 0x40 && enter() == 0x55 && !tpr_exit,
	       "LAPIC: CR8 lets it through");
	eoi();
	set_lapic(0x80, 0);

	tap_ok(vam_virq_is_pending(cpu) == false, "LAPIC: HLT goes on");
	self_ipi(0x61);
	cpu->regs.rflags = X86_EFLAGS_IF;
	tap_ok(vam_virq_is_pending(cpu), "LAPIC: HLT ends");
	cpu->regs.rflags = 0;
	tap_ok(!vam_virq_is_pending(cpu), "LAPIC: not with IF clear");
	cpu->int_shadow = true;
	tap_ok(enter() == -1 && irq_window, "LAPIC: shadow of STI");
	cpu->int_shadow = false;
	cpu->exit.kind = VAM_EXIT_IRQ_WINDOW;
	tap_ok(enter() == 0x61 && !cpu->windows, "LAPIC: behind the shadow");
	eoi();

	self_ipi(5);
	set_lapic(0x280, 0);
	tap_ok(lapic(0x280) == 0x20, "LAPIC: illegal vector is an error");
	set_lapic(0x280, 0);
	tap_ok(lapic(0x280) == 0, "LAPIC: error cleared");
	lapic(0x3f0);
	set_lapic(0x370, 0xfe);
	set_lapic(0x3f0, 1);
	set_lapic(0x280, 0);
	lapic(0x40);
	tap_ok(enter() == 0xfe, "LAPIC: error interrupt");
	eoi();

	/* Addressing; vCPU 1 listens as well. */
	cpu = &vcpus[1];
	current = &tasks[1];
	lapic_on();
	set_lapic(0xd0, 0x02000000);
	cpu = &vcpus[0];
	current = &tasks[0];
	set_lapic(0xd0, 0x01000000);
	for (i = 0; i < 2; i++)
		kicks[i] = 0;
#define SENT(dest, icr, first, second)                                   \
	(set_lapic(0x310, dest), set_lapic(0x300, icr | 0x4040),         \
	 (cpu = &vcpus[0], enter() == 0x40 ? (eoi(), 1) : 0) == first && \
		 (cpu = &vcpus[1], enter() == 0x40 ? (eoi(), 1) : 0) ==  \
			 second &&                                       \
		 (cpu = &vcpus[0], true))
	tap_ok(SENT(0x01000000, 0, 0, 1) && kicks[1] && !kicks[0],
	       "IPI: physical, the other; it is kicked");
	tap_ok(SENT(0xff000000, 0, 1, 1), "IPI: physical, broadcast");
	tap_ok(SENT(0x05000000, 0, 0, 0), "IPI: physical, nobody");
	tap_ok(SENT(0x02000000, 0x800, 0, 1), "IPI: logical flat");
	tap_ok(SENT(0x03000000, 0x800, 1, 1), "IPI: logical flat, both");
	tap_ok(SENT(0x03000000, 0x900, 1, 0), "IPI: lowest priority, one");
	tap_ok(SENT(0, 0x40000, 1, 0), "IPI: self");
	tap_ok(SENT(0, 0x80000, 1, 1), "IPI: all");
	tap_ok(SENT(0, 0xc0000, 0, 1), "IPI: all others");
	cpu = &vcpus[1];
	set_lapic(0xe0, 0x0fffffff);
	set_lapic(0xd0, 0x32000000);
	cpu = &vcpus[0];
	tap_ok(SENT(0x33000000, 0x800, 1, 1), "IPI: cluster and flat");
	tap_ok(SENT(0x3c000000, 0x800, 0, 0), "IPI: cluster, another member");
	tap_ok(SENT(0x42000000, 0x800, 0, 0), "IPI: another cluster");

	/* Messages of devices. */
	vam_irq_message(&vm, 0xfee00000, 0x66);
	tap_ok(enter() == 0x66, "MSI: fixed");
	eoi();
	vam_irq_message(&vm, 0xfed00000, 0x66);
	vam_irq_message(&vm, 0x1fee00000, 0x66);
	tap_ok(enter() == -1, "MSI: only below fee00000");
	machine_unmake();
}

static void test_timer(void)
{
	unsigned int i, n;
	u32 a;

	machine_make();
	lapic_on();
	set_lapic(0x3e0, 0xb);
	set_lapic(0x320, 0xa0);
	set_lapic(0x380, 1000000);
	shim_advance(400 * US);
	tap_ok(lapic(0x390) == 600000 && enter() == -1, "timer: counts down");
	shim_advance(600 * US);
	tap_ok(lapic(0x390) == 0 && enter() == 0xa0, "timer: one-shot");
	eoi();
	tap_ok(shim_advance(10 * MS) == 0 && enter() == -1, "timer: once");
	set_lapic(0x380, 1000000);
	set_lapic(0x380, 0);
	tap_ok(shim_advance(10 * MS) == 0 && enter() == -1 && lapic(0x390) == 0,
	       "timer: stopped by 0");

	set_lapic(0x320, 0x200a1);
	set_lapic(0x380, 500000);
	for (i = n = 0; i < 10; i++) {
		shim_advance(500 * US);
		if (enter() == 0xa1) {
			n++;
			eoi();
		}
	}
	tap_ok(n == 10, "timer: periodic");
	shim_advance(123 * US);
	a = lapic(0x390);
	tap_ok(a == 377000, "timer: periodic count");
	set_lapic(0x320, 0x300a1);
	enter();
	eoi();
	tap_ok(shim_advance(10 * MS) == 0 && enter() == -1 && lapic(0x390),
	       "timer: masked costs the host nothing, still counts");
	set_lapic(0x320, 0x200a1);
	tap_ok(shim_advance(500 * US) == 1 && enter() == 0xa1,
	       "timer: unmasked");
	eoi();
	set_lapic(0x380, 1);
	n = shim_advance(100 * MS);
	tap_ok(n <= 501 && n >= 400,
	       "timer: a period of 1 ns interrupts the host each 200 us");
	for (i = 2; i < 100000; i = i * 3 / 2 + 7) {
		set_lapic(0x380, i);
		n = shim_advance(10 * MS);
		if (n > 101) {
			tap_note("period %u ns: %u timers in 10 ms", i, n);
			break;
		}
	}
	tap_ok(i >= 100000,
	       "timer: nor does any period more often than 100 us");
	set_lapic(0x380, 0);
	enter();
	eoi();

	set_lapic(0x320, 0xa2);
	set_lapic(0x3e0, 0xa); /* 128 */
	set_lapic(0x380, 1000);
	shim_advance(127 * US);
	tap_ok(enter() == -1 && lapic(0x390) == 8, "timer: divided by 128");
	shim_advance(1 * US);
	tap_ok(enter() == 0xa2, "timer: divided, came");
	eoi();
	set_lapic(0x3e0, 0xb);
	tap_ok(shim_advance(MS) == 0 && lapic(0x390) == 0,
	       "timer: a new divisor does not revive it");

	tap_ok(vam_lapic_set_msr(cpu, 0x6e0, 1) == 0 && enter() == -1,
	       "deadline: ignored in other modes");
	set_lapic(0x320, 0x400a3);
	set_lapic(0x380, 1000);
	tap_ok(lapic(0x390) == 0, "deadline: no count");
	vam_lapic_set_msr(cpu, 0x6e0, vam_vcpu_tsc(cpu) + 2000000);
	shim_advance(999 * US);
	tap_ok(enter() == -1, "deadline: not yet");
	shim_advance(2 * US);
	tap_ok(enter() == 0xa3, "deadline: came");
	eoi();
	vam_lapic_set_msr(cpu, 0x6e0, 1);
	tap_ok(enter() == 0xa3, "deadline: past ones come at once");
	eoi();
	vam_lapic_set_msr(cpu, 0x6e0, vam_vcpu_tsc(cpu) + 2000000);
	vam_lapic_set_msr(cpu, 0x6e0, 0);
	tap_ok(shim_advance(5 * MS) == 0 && enter() == -1, "deadline: cleared");
	vam_lapic_set_msr(cpu, 0x6e0, ~0ull / 2);
	shim_advance(5 * MS);
	vam_lapic_set_msr(cpu, 0x6e0, ~0ull);
	shim_advance(5 * MS);
	vm.state = VAM_VM_DEAD;
	set_lapic(0x320, 0x200a1);
	set_lapic(0x380, 1000);
	tap_ok(shim_advance(10 * MS) <= 2, "timer: stops with the VM");
	machine_unmake();
}

static void test_x2apic(void)
{
	u64 base, v;

	machine_make();
	vam_lapic_get_msr(cpu, 0x1b, &base);
	tap_ok(base == 0xfee00900, "APIC_BASE after reset");
#define BAD_BASE(v) (vam_lapic_set_msr(cpu, 0x1b, v) == -EINVAL)
	tap_ok(BAD_BASE(0xfee00500) && BAD_BASE(0xfee00901) &&
		       BAD_BASE(0xfed00900) && BAD_BASE(0xfee00800),
	       "APIC_BASE: bad values");
	tap_ok(vam_lapic_get_msr(cpu, 0x802, &v) == -EINVAL &&
		       vam_lapic_get_msr(cpu, 0x900, &v) == -ENOENT,
	       "no x2APIC registers in xAPIC mode");
	tap_ok(vam_lapic_set_msr(cpu, 0x1b, 0xfee00d00) == 0 &&
		       lapic(0x30) == 0xffffffff,
	       "x2APIC mode: the page is gone");
	tap_ok(BAD_BASE(0xfee00900), "x2APIC to xAPIC is refused");
#define GET(i) (v = ~0ull, vam_lapic_get_msr(cpu, i, &v), v)
#define BAD_GET(i) (vam_lapic_get_msr(cpu, i, &v) == -EINVAL)
#define BAD_SET(i, x) (vam_lapic_set_msr(cpu, i, x) == -EINVAL)
#define SET(i, x) (vam_lapic_set_msr(cpu, i, x) == 0)
	tap_ok(GET(0x802) == 0 && GET(0x803) == 0x50014 && GET(0x80d) == 1,
	       "x2APIC: id, version, logical id");
	tap_ok(BAD_GET(0x80b) && BAD_GET(0x80e) && BAD_GET(0x831) &&
		       BAD_GET(0x83f) && BAD_GET(0x809) && BAD_GET(0x8ff),
	       "x2APIC: not to be read");
	tap_ok(BAD_SET(0x802, 0) && BAD_SET(0x80d, 1) && BAD_SET(0x80b, 1) &&
		       BAD_SET(0x808, 0x100) && BAD_SET(0x80f, 1ull << 32) &&
		       BAD_SET(0x828, 1) && BAD_SET(0x830, 1 << 12) &&
		       BAD_SET(0x832, 1 << 12) && BAD_SET(0x839, 0),
	       "x2APIC: not to be written, or not that");
	tap_ok(SET(0x80f, 0x1ff) && SET(0x83f, 0x66) && SET(0x830, 0x4067) &&
		       GET(0x823) == 0xc0,
	       "x2APIC: IPIs to itself");
	tap_ok(enter() == 0x67 && SET(0x80b, 0) && enter() == 0x66 &&
		       SET(0x80b, 0) && enter() == -1,
	       "x2APIC: delivered and ended");
	tap_ok(SET(0x830, 0x1ull << 32 | 0x4868) && enter() == 0x68 &&
		       SET(0x80b, 0),
	       "x2APIC: logical destination");
	tap_ok(SET(0x1b, 0xfee00100) && !vam_lapic_is_enabled(cpu) &&
		       BAD_BASE(0xfee00d00) && SET(0x1b, 0xfee00900) &&
		       lapic(0xf0) == 0xff,
	       "off and on again: reset");
	machine_unmake();
}

/* --- IOAPIC ------------------------------------------------------------------------ */

static void test_ioapic(void)
{
	machine_make();
	lapic_on();
	set_lapic(0x350, 0x10000);
	tap_ok(ioapic(1) == 0x170020 && ioapic(0x10) == 0x10000 &&
		       ioapic(0x3f) == 0 && ioapic(0x40) == 0,
	       "IOAPIC: registers");
	set_ioapic(0, 0xff000000);
	set_pin(7, 0xffffffff, 0xffffffff);
	tap_ok(ioapic(0) == 0x0f000000 && ioapic(0x1e) == 0x1afff &&
		       ioapic(0x1f) == 0xff000000,
	       "IOAPIC: writable bits");
	set_pin(4, 0x71, 0);
	line(4, true);
	tap_ok(enter() == 0x71, "IOAPIC: edge");
	eoi();
	tap_ok(enter() == -1, "IOAPIC: once");
	line(4, false);
	line(4, true);
	tap_ok(enter() == 0x71, "IOAPIC: next edge");
	eoi();
	line(4, false);
	set_pin(4, 0x10071, 0);
	line(4, true);
	line(4, false);
	set_pin(4, 0x71, 0);
	tap_ok(enter() == -1, "IOAPIC: a masked edge is lost");

	set_pin(4, 0x8075, 0);
	line(4, true);
	tap_ok(ioapic(0x18) == 0xc075 && enter() == 0x75,
	       "IOAPIC: level sets remote IRR");
	tap_ok(lapic(0x1b0) == 1 << 0x15, "IOAPIC: TMR says level");
	tap_ok(enter() == -1, "IOAPIC: quiet until EOI");
	eoi();
	tap_ok(enter() == 0x75 && ioapic(0x18) == 0xc075,
	       "IOAPIC: again at EOI while up");
	line(4, false);
	eoi();
	tap_ok(enter() == -1 && ioapic(0x18) == 0x8075, "IOAPIC: down, quiet");
	set_pin(4, 0x18075, 0);
	line(4, true);
	tap_ok(enter() == -1, "IOAPIC: masked level");
	set_pin(4, 0x8075, 0);
	tap_ok(enter() == 0x75, "IOAPIC: unmasked while up");
	line(4, false);
	wr(IOAPIC + 0x40, 0x75);
	tap_ok(ioapic(0x18) == 0x8075, "IOAPIC: its own EOI register");
	eoi();

	set_pin(2, 0x72, 0);
	line(0, true);
	tap_ok(enter() == 0x72, "IOAPIC: line 0 is pin 2");
	eoi();
	line(0, false);
	set_pin(5, 0x400, 0);
	line(5, true);
	tap_ok(enter() == 2 && injected.type == VAM_EVENT_NMI, "IOAPIC: NMI");
	machine_unmake();

	/* Two devices on one line. */
	machine_make();
	lapic_on();
	set_lapic(0x350, 0x10000);
	set_pin(10, 0x8080, 0);
	vam_irq_set_line(&vm, 10, 1, true);
	vam_irq_set_line(&vm, 10, 2, true);
	tap_ok(enter() == 0x80, "shared line: first");
	vam_irq_set_line(&vm, 10, 1, false);
	eoi();
	tap_ok(enter() == 0x80, "shared line: the second still asserts");
	vam_irq_set_line(&vm, 10, 2, false);
	eoi();
	tap_ok(enter() == -1, "shared line: nobody");
	vam_irq_close(&vm);
	vam_irq_set_line(&vm, 10, 1, true);
	vam_irq_message(&vm, 0xfee00000, 0x66);
	tap_ok(enter() == -1, "closed: nothing reaches a vCPU");
	machine_unmake();
}

/* --- exceptions, NMI, INIT ------------------------------------------------------------ */

static void interrupted(u8 type, u8 vector, bool has_error)
{
	cpu->exit.delivering = (struct vam_event){
		.type = type,
		.vector = vector,
		.has_error = has_error,
	};
	vam_virq_interrupted(cpu);
}

/* Exception @second while delivering @first: the vector then injected. */
static int pair(u8 first, u8 second)
{
	cpu->inject.type = VAM_EVENT_NONE;
	interrupted(VAM_EVENT_EXCEPTION, first, false);
	vam_virq_exception(cpu, second, true, 5);
	return enter_if(false);
}

static void test_exceptions(void)
{
	static const u8 contributory[] = { 0, 10, 11, 12, 13 };
	unsigned int i, j;
	bool good = true;

	machine_make();
	vam_virq_exception(cpu, 13, true, 0x18);
	tap_ok(enter_if(false) == 13 && injected.type == VAM_EVENT_EXCEPTION &&
		       injected.has_error && injected.error == 0x18,
	       "an exception is injected");
	tap_ok(enter_if(false) == -1, "once");
	for (i = 0; i < 5; i++) {
		for (j = 0; j < 5; j++)
			good &= pair(contributory[i], contributory[j]) == 8 &&
				injected.has_error && !injected.error;
		good &= pair(14, contributory[i]) == 8;
		good &= pair(contributory[i], 14) == 14;
		good &= pair(1, contributory[i]) == contributory[i];
		good &= pair(contributory[i], 1) == 1;
	}
	good &= pair(14, 14) == 8 && pair(14, 6) == 6 && pair(8, 1) == 1;
	tap_ok(good && !killed[0], "two exceptions combine as in the table");
	cpu->regs.rip = 0x1234;
	pair(8, 14);
	tap_ok(!strcmp(killed, "guest triple fault at rip 0x1234"),
	       "a fault in #DF ends the VM");
	cpu->inject.type = VAM_EVENT_NONE;

	interrupted(VAM_EVENT_SOFT_INT, 0x80, false);
	tap_ok(enter() == -1, "INT n executes again by itself");
	interrupted(VAM_EVENT_INTR, 0x55, false);
	tap_ok(enter_if(false) == 0x55 && injected.type == VAM_EVENT_INTR,
	       "an interrupted interrupt goes on, whatever IF is now");
	interrupted(VAM_EVENT_INTR, 0x55, false);
	vam_virq_exception(cpu, 14, true, 0);
	tap_ok(enter() == 14 && !irq_window, "an exception takes its place");
	tap_ok(enter() == -1, "and it is gone, as on a CPU");
	interrupted(VAM_EVENT_NMI, 2, false);
	vam_virq_exception(cpu, 14, true, 0);
	tap_ok(enter_if(false) == 14 && enter_if(false) == -1,
	       "an NMI likewise");
	machine_unmake();

	machine_make();
	vam_virq_nmi(cpu);
	vam_virq_nmi(cpu);
	vam_virq_nmi(cpu);
	tap_ok(vam_virq_is_pending(cpu), "NMI ends HLT");
	tap_ok(enter_if(false) == 2 && cpu->nmi_masked, "NMI despite IF");
	tap_ok(enter() == -1 && !nmi_window, "three at once are one");
	vam_virq_nmi(cpu);
	tap_ok(enter() == -1 && nmi_window, "the next waits for IRET");
	tap_ok(!vam_virq_is_pending(cpu), "and does not end HLT until then");
	cpu->nmi_masked = false;
	cpu->exit.kind = VAM_EXIT_NMI_WINDOW;
	tap_ok(enter() == 2, "and comes after it");
	cpu->nmi_masked = false;
	lapic_on();
	self_ipi(0x44);
	vam_virq_nmi(cpu);
	vam_virq_exception(cpu, 6, false, 0);
	tap_ok(enter() == 6 && irq_window && nmi_window,
	       "priorities: exception, others wait");
	cpu->exit.kind = VAM_EXIT_IRQ_WINDOW;
	tap_ok(enter() == 2 && irq_window, "then NMI");
	cpu->exit.kind = VAM_EXIT_IRQ_WINDOW;
	tap_ok(enter() == 0x44 && !cpu->windows, "then the interrupt");
	eoi();

	/* INIT and SIPI. */
	resets = 0;
	set_lapic(0x310, 0x01000000);
	set_lapic(0x300, 0x4612); /* SIPI before INIT */
	vcpus[1].state = VAM_VCPU_RUNNABLE;
	vam_virq_handle_init(&vcpus[1]);
	tap_ok(vcpus[1].state == VAM_VCPU_RUNNABLE && !resets,
	       "SIPI to a running vCPU is ignored");
	set_lapic(0x300, 0x4500);
	set_lapic(0x300, 0x8500);
	vam_virq_handle_init(&vcpus[1]);
	tap_ok(vcpus[1].state == VAM_VCPU_WAIT_SIPI && resets == 1,
	       "INIT resets; its de-assertion does nothing");
	set_lapic(0x300, 0x4612);
	vam_virq_handle_init(&vcpus[1]);
	tap_ok(vcpus[1].state == VAM_VCPU_RUNNABLE && !vcpus[1].regs.rip &&
		       cs.selector == 0x1200 && cs.base == 0x12000,
	       "SIPI starts at its vector");
	set_lapic(0x300, 0x4500);
	set_lapic(0x300, 0x4634);
	vam_virq_handle_init(&vcpus[1]);
	tap_ok(vcpus[1].state == VAM_VCPU_RUNNABLE && cs.base == 0x34000,
	       "INIT and SIPI in one go");
	vam_virq_init(&vcpus[0]);
	vam_virq_handle_init(&vcpus[0]);
	tap_ok(killed[0], "INIT to the boot processor ends the VM");
	machine_unmake();
}

/* --- 8254 --------------------------------------------------------------------------- */

static void pit(u8 counter, u8 mode, u16 count)
{
	out(0x43, counter << 6 | 0x30 | mode << 1);
	out(0x40 + counter, count);
	out(0x40 + counter, count >> 8);
}

static u16 pit_latch(u8 counter)
{
	u8 low;

	out(0x43, counter << 6);
	low = in(0x40 + counter);
	return in(0x40 + counter) << 8 | low;
}

static u8 pit_status(u8 counter)
{
	out(0x43, 0xe0 | 2 << counter);
	return in(0x40 + counter);
}

#define TICKS(n) ((n)*1000000000ll / 1193182 + 1)

static void test_pit(void)
{
	unsigned int i, n;

	machine_make();
	lapic_on();
	set_lapic(0x350, 0x700);
	pic_init(3);
	pit(0, 0, 1000);
	tap_ok((pit_status(0) & 0xbf) == 0x30 && pit_latch(0) == 1000,
	       "8254: mode 0 loaded");
	shim_advance(TICKS(400));
	tap_ok(pit_latch(0) == 600 && enter() == -1, "8254: counts");
	shim_advance(TICKS(600));
	tap_ok(enter() == 0x40 && pit_status(0) >> 7, "8254: terminal count");
	tap_ok(shim_advance(10 * MS) == 0 && enter() == -1, "8254: once");
	shim_advance(TICKS(100));
	tap_ok(pit_latch(0) > 0x1000, "8254: mode 0 goes on past zero");
	out(0x43, 0x30);
	tap_ok(pit_status(0) == 0x70, "8254: null count, OUT low");
	out(0x40, 0xff);
	tap_ok(shim_advance(100 * MS) == 0 && !(pit_status(0) >> 7),
	       "8254: half a count does not count");

	for (i = 2; i < 4; i++) {
		unsigned int j;

		pit(0, i, 1193);
		enter();
		for (j = n = 0; j < 10; j++) {
			shim_advance(1 * MS);
			n += enter() == 0x40;
		}
		tap_ok(n >= 9 && n <= 10, "8254: periodic");
		for (j = 0; j < 1000; j++) {
			shim_advance(777);
			if (pit_latch(0) > 1193 || !pit_latch(0))
				break;
		}
		tap_ok(j == 1000, "8254: count stays in range");
	}
	pit(0, 3, 1000);
	shim_advance(TICKS(100));
	tap_ok(pit_status(0) >> 7, "8254: square wave is high first");
	shim_advance(TICKS(500));
	tap_ok(!(pit_status(0) >> 7), "8254: then low");
	pit(0, 2, 1);
	n = shim_advance(100 * MS);
	tap_ok(n <= 501 && n > 400, "8254: a period of 1 costs 5 kHz");
	pit(0, 4, 1000);
	enter();
	shim_advance(TICKS(1002));
	tap_ok(enter() == 0x40 && shim_advance(10 * MS) == 0,
	       "8254: mode 4 strobes once");

	pit(0, 2, 0xffff);
	out(0x43, 0xc2);
	n = in(0x40) & 0x3f;
	i = in(0x40);
	i |= in(0x40) << 8;
	tap_ok(n == 0x34 && i == 0xffff, "8254: read-back, status first");
	out(0x43, 0);
	shim_advance(1 * MS);
	out(0x43, 0);
	i = in(0x40);
	i |= in(0x40) << 8;
	tap_ok(i == 0xffff && pit_latch(0) == 0xffff - 1193,
	       "8254: a latch holds");
	out(0x43, 0x31);
	out(0x40, 0x50);
	out(0x40, 0x12);
	shim_advance(TICKS(51));
	tap_ok(pit_latch(0) == 0x1199, "8254: BCD");

	pit(2, 0, 1000);
	shim_advance(TICKS(2000));
	tap_ok(!(in(0x61) & 0x20) && pit_latch(2) == 1000,
	       "8254: gate 2 closed, nothing counts");
	out(0x61, 1);
	shim_advance(TICKS(300));
	out(0x61, 0);
	shim_advance(TICKS(3000));
	tap_ok(pit_latch(2) <= 701 && pit_latch(2) >= 699,
	       "8254: the gate stops it");
	out(0x61, 3);
	shim_advance(TICKS(701));
	tap_ok((in(0x61) & 0x23) == 0x23, "8254: goes on, OUT at port 61");
	tap_ok((in(0x61) ^ in(0x61)) == 0x10, "port 61: refresh toggles");
	vm.state = VAM_VM_DEAD;
	pit(0, 2, 100);
	tap_ok(shim_advance(100 * MS) <= 1, "8254: stops with the VM");
	machine_unmake();
}

/* --- UART ----------------------------------------------------------------------------- */

static void test_uart(void)
{
	char buf[5000];
	u64 pos = 0, lost;
	unsigned int i;
	size_t n;

	machine_make();
	lapic_on();
	set_lapic(0x350, 0x700);
	pic_init(3);
	tap_ok(in(0x3fd) == 0x60 && in(0x3fa) == 1 && in(0x3fe) == 0xb0,
	       "UART: after reset");
	vm.wait.sleepers = true;
	out(0x3f8, 'h');
	out(0x3f8, 'i');
	tap_ok(!vm.wait.woken && shim_advance(10 * MS) == 1 &&
		       vm.wait.woken == 1,
	       "UART: readers are woken after a while");
	out(0x3f8, '\n');
	tap_ok(vm.wait.woken == 2, "UART: or at the end of a line");
	n = vam_uart_read_console(&vm, &pos, buf, sizeof(buf), &lost);
	tap_ok(n == 3 && !memcmp(buf, "hi\n", 3) && pos == 3 && !lost,
	       "UART: output is there");
	for (i = 0; i < 10000; i++)
		out(0x3f8, i);
	n = vam_uart_read_console(&vm, &pos, buf, 1000, &lost);
	tap_ok(n == 1000 && lost == 10000 - 4096 && (u8)buf[0] == (u8)lost &&
		       pos == 3 + lost + 1000 &&
		       vam_uart_console_end(&vm) == 10003,
	       "UART: the oldest output is lost, and said to be");
	n = vam_uart_read_console(&vm, &pos, buf, sizeof(buf), &lost);
	tap_ok(n == 3096 && !lost && (u8)buf[n - 1] == (u8)9999,
	       "UART: the rest, over the end of the ring");
	pos = 1ull << 60;
	tap_ok(!vam_uart_read_console(&vm, &pos, buf, 10, &lost) && !lost,
	       "UART: nothing behind the end");

	out(0x3f9, 2);
	tap_ok(in(0x3fa) == 2 && in(0x3fa) == 1,
	       "UART: transmitter empty, taken away by reading IIR");
	out(0x3f8, 'x');
	tap_ok(enter() == 0x44 && in(0x3fa) == 2, "UART: empty again");
	out(0x3f9, 1);
	tap_ok(vam_uart_write_console(&vm, "abc", 3) == 3 && enter() == 0x44 &&
		       in(0x3fa) == 4 && in(0x3fd) == 0x61,
	       "UART: received");
	tap_ok(in(0x3f8) == 'a' && in(0x3f8) == 'b' && in(0x3f8) == 'c' &&
		       in(0x3fd) == 0x60 && in(0x3fa) == 1,
	       "UART: one by one without FIFO, no overrun");
	out(0x3fa, 0xc7);
	vam_uart_write_console(&vm, "0123456789abcdef", 16);
	tap_ok(in(0x3fa) == 0xc4, "UART: trigger level reached");
	for (i = 0; i < 3; i++)
		in(0x3f8);
	tap_ok(in(0x3fa) == 0xcc, "UART: below it, timeout");
	out(0x3fa, 0xc3);
	tap_ok(in(0x3fd) == 0x60 && in(0x3fa) == 0xc1, "UART: FIFO cleared");
	memset(buf, 'z', sizeof(buf));
	tap_ok(vam_uart_write_console(&vm, buf, sizeof(buf)) == 4096 &&
		       vam_uart_write_console(&vm, buf, 100) == 16,
	       "UART: the input queue is bounded");
	for (i = 0; in(0x3fd) & 1; i++)
		in(0x3f8);
	tap_ok(i == 4112, "UART: and comes through");

	out(0x3fa, 0);
	out(0x3fc, 0x1f);
	tap_ok(in(0x3fe) == 0xf0, "UART: loopback, modem lines");
	out(0x3f8, 0x77);
	tap_ok(in(0x3fd) == 0x61 && in(0x3f8) == 0x77 &&
		       vam_uart_console_end(&vm) == 10004,
	       "UART: loopback, data");
	out(0x3f8, 1);
	out(0x3f8, 2);
	tap_ok(in(0x3fd) == 0x63 && in(0x3fd) == 0x61 && in(0x3f8) == 2,
	       "UART: overrun");
	out(0x3fb, 0x83);
	out(0x3f8, 0x34);
	out(0x3f9, 0x12);
	tap_ok(in(0x3f8) == 0x34 && in(0x3f9) == 0x12, "UART: divisor");
	out(0x3fb, 3);
	out(0x3f9, 0xff);
	tap_ok(in(0x3f9) == 0x0f, "UART: four interrupts");
	machine_unmake();
}

/* --- RTC ------------------------------------------------------------------------------- */

static u8 cmos(u8 reg)
{
	out(0x70, reg);
	return in(0x71);
}

static void set_cmos(u8 reg, u8 value)
{
	out(0x70, reg);
	out(0x71, value);
}

static void test_rtc(void)
{
	unsigned int i, n;

	machine_make();
	lapic_on();
	set_lapic(0x350, 0x700);
	pic_init(3);
	shim_now = 1000 * MS;
	/* 1800000001: 2027-01-15 08:00:01 */
	tap_ok(cmos(0) == 0x01 && cmos(2) == 0x00 && cmos(4) == 0x08 &&
		       cmos(7) == 0x15 && cmos(8) == 0x01 && cmos(9) == 0x27 &&
		       cmos(0x32) == 0x20 && cmos(6) == 6,
	       "RTC: time in BCD");
	tap_ok(cmos(10) == 0x26 && cmos(11) == 2 && cmos(13) == 0x80,
	       "RTC: control registers");
	shim_advance(999900 * US);
	tap_ok(cmos(10) == 0xa6, "RTC: update in progress");
	set_cmos(11, 0x86);
	set_cmos(0, 30);
	set_cmos(2, 59);
	set_cmos(4, 23);
	set_cmos(7, 31);
	set_cmos(8, 12);
	set_cmos(9, 99);
	set_cmos(0x32, 20);
	shim_advance(5000 * MS);
	tap_ok(cmos(0) == 30 && cmos(9) == 99, "RTC: held while set");
	set_cmos(11, 0x06);
	shim_advance(30000 * MS);
	tap_ok(cmos(0) == 0 && cmos(2) == 0 && cmos(4) == 0 && cmos(7) == 1 &&
		       cmos(8) == 1 && cmos(9) == 0 && cmos(0x32) == 21,
	       "RTC: goes on from there, over the century");
	set_cmos(11, 0);
	set_cmos(4, 0x92);
	tap_ok(cmos(4) == 0x92, "RTC: twelve hours, noon");
	set_cmos(4, 0x12);
	tap_ok(cmos(4) == 0x12, "RTC: twelve hours, midnight");
	set_cmos(8, 0xff);
	set_cmos(7, 0xff);
	set_cmos(0, 0xff);
	for (i = 0; i < 128; i++)
		cmos(i);
	tap_ok(true, "RTC: nonsense does no harm");

	set_cmos(11, 0x42);
	set_cmos(10, 0x26);
	cmos(12);
	for (i = n = 0; i < 10; i++) {
		shim_advance(1 * MS);
		if (enter() == 0x48) {
			n += cmos(12) >> 6 == 3;
			out(0xa0, 0x20);
			out(0x20, 0x20);
		}
	}
	tap_ok(n >= 9 && n <= 10, "RTC: periodic interrupt of 1024 Hz");
	set_cmos(10, 0x23);
	n = shim_advance(100 * MS);
	tap_ok(n <= 501, "RTC: not faster than 5 kHz");
	set_cmos(11, 0x12);
	cmos(12);
	enter();
	shim_advance(1001 * MS);
	tap_ok(enter() == 0x48 && (cmos(12) & 0x90) == 0x90,
	       "RTC: update interrupt");
	set_cmos(1, 0xff);
	set_cmos(3, 0xff);
	set_cmos(5, 0xff);
	set_cmos(11, 0x22);
	cmos(12);
	shim_advance(1001 * MS);
	tap_ok(enter() == 0x48 && (cmos(12) & 0xa0) == 0xa0, "RTC: alarm");
	set_cmos(11, 2);
	tap_ok(shim_advance(5000 * MS) == 0, "RTC: no interrupts, no timer");

	set_cmos(0x0f, 0x0a);
	tap_ok(cmos(0x0f) == 0x0a && cmos(0x34) + cmos(0x35) * 256 == 768,
	       "CMOS: shutdown byte, memory size");
	tap_ok(in(0x92) == 2, "port 92: A20");
	tap_ok(vam_bus_write(cpu, VAM_BUS_PORT, 0x92, 1, 3) == VAM_STOP &&
		       strstr(killed, "port 0x92"),
	       "port 92: reset ends the VM");
	machine_unmake();
}

/* --- nonsense ---------------------------------------------------------------------------- */

/* Random accesses to everything: nothing may go wrong, timers stay few. */
static void test_random(void)
{
	static const u16 ports[] = { 0x20, 0xa0, 0x4d0, 0x40, 0x61,
				     0x70, 0x71, 0x3f8, 0x92, 0x43 };
	static const u8 sizes[] = { 1, 2, 4, 8 };
	u64 seed = 42, addr, v;
	unsigned int i, fired = 0;
	ktime_t start;

	machine_make();
	start = shim_now;
	for (i = 0; i < 400000; i++) {
		u64 r = tap_random(&seed);
		unsigned int size = sizes[r >> 8 & 3];
		u64 value = tap_random(&seed);

		cpu = &vcpus[r >> 16 & 1];
		current = &tasks[r >> 16 & 1];
		if (r >> 20 & 1)
			value = r >> 40 & 0xff;
		switch (r >> 24 & 7) {
		case 0:
		case 1:
			addr = ports[(r & 0xff) % ARRAY_SIZE(ports)] +
			       (r >> 32 & 7);
			if (addr == 0x92)
				value &= ~1ull;
			if (r >> 36 & 1)
				vam_bus_write(cpu, VAM_BUS_PORT, addr,
					      min(size, 4u), value);
			else
				vam_bus_read(cpu, VAM_BUS_PORT, addr,
					     min(size, 4u));
			break;
		case 2:
		case 3:
			addr = LAPIC + (r >> 32 & 0x3f) * 16;
			vam_bus_write(cpu, VAM_BUS_MMIO, addr, size, value);
			vam_bus_read(cpu, VAM_BUS_MMIO, addr, size);
			break;
		case 4:
			wr(IOAPIC, r >> 32 & 0x3f);
			wr(IOAPIC + 0x10, value);
			rd(IOAPIC + 0x10);
			break;
		case 5:
			vam_lapic_set_msr(cpu, 0x800 + (r >> 32 & 0x3f), value);
			vam_lapic_get_msr(cpu, 0x800 + (r >> 32 & 0x3f), &v);
			if (!(r >> 40 & 0xff))
				vam_lapic_set_msr(cpu, 0x1b,
						  0xfee00000 | (value & 0xd00));
			if (r >> 48 & 1)
				vam_lapic_set_msr(cpu, 0x6e0, value);
			break;
		case 6:
			line(r >> 32 & 15, r >> 36 & 1);
			break;
		case 7:
			enter_if(r >> 36 & 1);
			if (!(r >> 40 & 7))
				eoi();
			if (injected.type == VAM_EVENT_NMI)
				cpu->nmi_masked = r >> 37 & 1;
			vam_virq_is_pending(cpu);
			if (cpu->id)
				vam_virq_handle_init(cpu);
			break;
		}
		fired += shim_advance(r >> 50 & 0x3fff);
	}
	tap_note("%u timers in %lld ms", fired, (shim_now - start) / MS);
	tap_ok(fired < (shim_now - start) / (5 * US),
	       "random accesses: no harm, bounded timers");
	cpu = &vcpus[0];
	machine_unmake();
}

int main(void)
{
	test_bus();
	test_pic();
	test_lapic();
	test_timer();
	test_x2apic();
	test_ioapic();
	test_exceptions();
	test_pit();
	test_uart();
	test_rtc();
	test_random();
	return tap_done();
}
