/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portfilter.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 32768, PROLOGUE = 6 };

/* An expression of pcap-filter(7), as it grows. */
struct text {
	size_t used;
	char text[TEXT];
};

/* The sets have bounds that keep all of it within TEXT. */
__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text->used += (size_t)vsnprintf(text->text + text->used, sizeof text->text - text->used,
					format, arguments);
	va_end(arguments);
}

static void add_ports(struct text *text, const char *proto, const struct portset *const *sets,
		      size_t n)
{
	const char *between = "";

	for (size_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < sets[i]->n_ranges; j++) {
			add(text, "%s%s dst portrange %u-%u", between, proto,
			    sets[i]->ranges[j].first, sets[i]->ranges[j].last);
			between = " or ";
		}
}

/* Of SYN, ACK, RST and FIN just the first; in IPv6 right behind its header. */
static void express(struct text *text, const struct source_config *config)
{
	const struct portset *const sets[] = {&config->sequence, &config->code, &config->spa};

	text->used = 0;
	add_ports(text, "udp", sets, 3);
	if (config->sequence.count + config->code.count == 0)
		return;
	add(text,
	    " or (((ip and tcp[13] & 0x17 = 2) or (ip6 and ip6[6] = 6 and ip6[53] & 0x17 = 2))"
	    " and (");
	add_ports(text, "tcp", sets, 2);
	add(text, "))");
}

/* First what is known of a packet beside its bytes: is it for us, and is it IP, without a tag before
 * it? Then libpcap's program. */
static void assemble(struct portfilter *filter, const struct bpf_program *compiled)
{
	const struct sock_filter begin[PROLOGUE] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_PROTOCOL),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 2, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 1, 0),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};

	memcpy(filter->code, begin, sizeof begin);
	for (unsigned i = 0; i < compiled->bf_len; i++) {
		const struct bpf_insn *from = &compiled->bf_insns[i];
		filter->code[PROLOGUE + i] =
		    (struct sock_filter){from->code, from->jt, from->jf, from->k};
	}
	filter->program = (struct sock_fprog){.len = (unsigned short)(PROLOGUE + compiled->bf_len),
					      .filter = filter->code};
}

int portfilter_make(struct portfilter *filter, const struct source_config *config,
		    struct error *error)
{
	static struct text text;
	pcap_t *raw = pcap_open_dead(DLT_RAW, PORTFILTER_SNAP);
	struct bpf_program compiled;
	int result = -1;

	express(&text, config);
	if (raw == NULL || pcap_compile(raw, &compiled, text.text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		error_set(error, "pcap: the filter cannot be made: %s",
			  raw == NULL ? "no memory" : pcap_geterr(raw));
		goto out;
	}
	if (compiled.bf_len <= PORTFILTER_LENGTH - PROLOGUE) {
		assemble(filter, &compiled);
		result = 0;
	} else {
		error_set(error, "pcap: too many ranges of ports; name fewer");
	}
	pcap_freecode(&compiled);
out:
	if (raw != NULL)
		pcap_close(raw);
	return result;
}
