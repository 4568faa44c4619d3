/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines as they were written by iptables' LOG, nftables, ufw and ulogd2, and by nobody of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "logline.h"
#include "unit.h"

#define TIME "Nov 26 12:00:01 gate kernel: "
#define MAC  "MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 "
#define IP   "LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=4711 DF "
#define IP6  "LEN=60 TC=0 HOPLIMIT=64 FLOWLBL=12345 "
#define ENDS "SRC=192.0.2.7 DST=198.51.100.1 "
#define ENDS6                                          \
	"SRC=2001:0db8:0000:0000:0000:0000:0000:0007 " \
	"DST=2001:0db8:0000:0000:0000:0000:0000:0001 "
#define SYN  "PROTO=TCP SPT=40000 DPT=20480 WINDOW=64240 RES=0x00 SYN URGP=0 "
#define UDP  "PROTO=UDP SPT=40000 DPT=20480 LEN=9 "
#define LINE "IN=eth0 OUT= " MAC ENDS IP

/* From a copy of just this size, so that a sanitizer sees any step beyond. */
static bool parse(struct sighting *sighting, enum packet_reason *reason, const char *line)
{
	size_t size = strlen(line);
	char *copy = malloc(size > 0 ? size : 1);
	bool result;

	assert_non_null(copy);
	memcpy(copy, line, size);
	memset(sighting, 0xaa, sizeof *sighting);
	result = logline_parse(sighting, reason, copy, size);
	free(copy);
	return result;
}

static void expect(const char *line, const char *from, unsigned proto, unsigned port)
{
	enum packet_reason reason;
	struct sighting sighting, wanted = {.kind = SIGHTING_TOUCH};

	wanted.proto = (uint8_t)proto;
	wanted.port = (uint16_t)port;
	assert_int_equal(address_parse(&wanted.source, from), 0);
	if (!parse(&sighting, &reason, line))
		fail_msg("not taken: %s", line);
	assert_string_equal(packet_name(reason), "ok");
	assert_memory_equal(&sighting, &wanted, sizeof wanted);
}

static void expect_reason(const char *line, enum packet_reason wanted)
{
	static const struct sighting none;
	enum packet_reason reason;
	struct sighting sighting;

	if (!parse(&sighting, &reason, line))
		fail_msg("not taken: %s", line);
	assert_string_equal(packet_name(reason), packet_name(wanted));
	assert_memory_equal(&sighting, &none, sizeof none);
}

static void expect_none(const char *line)
{
	enum packet_reason reason;
	struct sighting sighting;

	if (parse(&sighting, &reason, line))
		fail_msg("taken: %s", line);
}

static void what_the_kernel_writes(void **state)
{
	static const char *const befores[] = {
	    "",
	    TIME,
	    TIME "[12345.678901] ",
	    TIME "[12345.678901] DROP ",
	    TIME "[12345.678901] no blank at its end:",
	    TIME "[UFW BLOCK] ",
	    "2026-11-26T12:00:01.123456+01:00 gate.example.org kernel: [    1.234567] [UFW BLOCK] ",
	    "<4>[12345.678901] DROP: ",
	    "Nov  6 12:00:01 gate kernel[0]: drop ",
	    "Nov 26 12:00:01 gate nft drop ",
	    "Nov 26 12:00:01 gate ",
	    "Nov 26 12:00:01 kernel: drop: ",
	    "Nov 26 12:00:01 [kernel] drop: ",
	    "Nov 26 12:00:01 gate kern.warn kernel: [12345.678901] drop: ",
	    "Thu Nov 26 12:00:01 2026 kern.warn kernel: [12345.678901] drop ",
	    "2026-11-26 12:00:01 192.0.2.9 kernel: drop ",
	    "2026-11-26T12:00:01.12345 kern.warn: [12345.678901] drop ",
	    "<4>1 2026-11-26T12:00:01.003Z gate kernel - - - [12345.678901] drop ",
	    "<4>1 2026-11-26T12:00:01.003Z gate kernel - - [meta sequenceId=\"7\"] [12345.678901] "
	    "drop ",
	    "1 2026-11-26T12:00:01+01:00 gate kernel - - [timeQuality tzKnown=\"1\"][x@32473 "
	    "a=\"\\\"]\\]\"] ",
	    "2026-11-26_12:00:01.12345 kern.warn: [12345.678901] drop ",
	    "@400000006a6e5a0b1d2c3b4a kern.warn: drop: ",
	    "<4>Nov 26 12:00:01 gate kernel: drop ",
	    "[12345.678901] drop: ",
	    "[   12.678901] [    T1] drop: ",
	    TIME "one that is as long as nftables has it ....................................."
		 "....................................... 127 bytes: ",
	    "Nov 26 12:00:01 gate one that is as long as NFLOG has it .................. 63 bytes ",
	    TIME "IN=eth9 OUT= SRC=203.0.113.9 DST=198.51.100.1 " SYN,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(befores); i++) {
		char line[1000];
		snprintf(line, sizeof line, "%s%s%s", befores[i], LINE, SYN);
		expect(line, "192.0.2.7", 6, 20480);
		snprintf(line, sizeof line, "%sIN=eth0 OUT= %s%s%s", befores[i], ENDS6, IP6, UDP);
		expect(line, "2001:db8::7", 17, 20480);
	}
}

static void in_all_its_forms(void **state)
{
	(void)state;
	/* With options, marks, users; on a bridge; in a netdev table. */
	expect(TIME LINE
	       "PROTO=TCP SPT=40000 DPT=443 SEQ=1 ACK=0 WINDOW=64240 RES=0x00 CWR ECE SYN URGP=0 "
	       "OPT (020405B40402080A00000000) UID=1000 GID=1000 MARK=0x1",
	       "192.0.2.7", 6, 443);
	expect(TIME "IN=br0 OUT= PHYSIN=eth0 " MAC ENDS IP SYN, "192.0.2.7", 6, 20480);
	expect(TIME "IN=br0 OUT= PHYSIN=eth0 PHYSOUT=eth1 " MAC ENDS IP SYN, "192.0.2.7", 6, 20480);
	expect(
	    TIME
	    "IN=eth0 OUT= MACSRC=02:00:00:00:00:01 MACDST=02:00:00:00:00:02 MACPROTO=0800 " ENDS IP
		SYN,
	    "192.0.2.7", 6, 20480);
	expect(TIME "IN=ppp0 OUT= MAC= " ENDS IP UDP, "192.0.2.7", 17, 20480);
	expect(TIME "IN=tun0 OUT= " ENDS IP UDP "MARK=0x2 ", "192.0.2.7", 17, 20480);
	/* ulogd2's LOGEMU */
	expect("Nov 26 12:00:01 gate DROP IN=client OUT= "
	       "MAC=be:49:a1:ef:04:27:32:8f:ce:6d:38:4c:08:00  SRC=192.0.2.2 DST=192.0.2.1 LEN=60 "
	       "TOS=00 "
	       "PREC=0x00 TTL=64 ID=5893 DF PROTO=TCP SPT=45838 DPT=20480 SEQ=1 ACK=0 WINDOW=64240 "
	       "SYN "
	       "URGP=0 MARK=0 ",
	       "192.0.2.2", 6, 20480);
	/* As long as a datagram may be to be a symbol: 31 bytes. */
	expect(TIME LINE "PROTO=UDP SPT=1 DPT=1000 LEN=39", "192.0.2.7", 17, 1000);
	expect(TIME LINE "PROTO=UDP SPT=1 DPT=1000 LEN=8", "192.0.2.7", 17, 1000);
}

static void what_is_no_symbol(void **state)
{
	(void)state;
	expect_reason(TIME LINE "PROTO=UDP SPT=1 DPT=1000 LEN=40", PACKET_LENGTH);
	expect_reason(TIME LINE "PROTO=UDP SPT=1 DPT=1000 LEN=7", PACKET_HEADER);
	expect_reason(TIME LINE "PROTO=UDP SPT=1 DPT=1000 LEN=70000", PACKET_HEADER);
	expect_reason(TIME LINE "PROTO=UDP SPT=1 DPT=1000", PACKET_HEADER);
	expect_reason(TIME LINE "PROTO=TCP SPT=1 DPT=1000 WINDOW=1 RES=0x00 ACK SYN URGP=0",
		      PACKET_NOT_SYN);
	expect_reason(TIME LINE "PROTO=TCP SPT=1 DPT=1000 WINDOW=1 RES=0x00 RST URGP=0",
		      PACKET_NOT_SYN);
	expect_reason(TIME LINE "PROTO=TCP SPT=1 DPT=1000 WINDOW=1 RES=0x00 SYN FIN URGP=0",
		      PACKET_NOT_SYN);
	expect_reason(TIME LINE "PROTO=TCP INCOMPLETE", PACKET_SHORT);
	expect_reason(TIME LINE "MF FRAG:0 PROTO=UDP SPT=1 DPT=1000 LEN=9", PACKET_FRAGMENT);
	expect_reason(TIME LINE "FRAG:185 PROTO=UDP", PACKET_FRAGMENT);
	expect_reason(TIME LINE "PROTO=ICMP TYPE=8 CODE=0 ID=1 SEQ=1", PACKET_PROTOCOL);
	expect_reason(TIME LINE "PROTO=2", PACKET_PROTOCOL);
	expect_reason(TIME LINE "PROTO=ICMP TYPE=3 CODE=3 [SRC=198.51.100.1 DST=203.0.113.9 " IP
				"PROTO=UDP SPT=53 DPT=20480 LEN=9 ]",
		      PACKET_PROTOCOL);
	expect_reason(TIME LINE "PROTO=UDP SPT=1 DPT=0 LEN=9", PACKET_PORT);
	expect_reason(TIME LINE "PROTO=UDP SPT=1 DPT=65536 LEN=9", PACKET_PORT);
	expect_reason(TIME LINE "PROTO=UDP SPT=1 DPT= LEN=9", PACKET_PORT);
	expect_reason(TIME LINE "PROTO=UDP SPT=1 DPT=020480 LEN=9", PACKET_PORT);
}

static void sources_that_are_nobodys(void **state)
{
	static const char *const sources[] = {
	    "127.0.0.1", "0.0.0.0",
	    "224.0.0.1", "255.255.255.255",
	    "::1",       "fe80::1",
	    "",          "::ffff:1.2.3.4",
	    "1.2.3",     "1.2.3.4.5",
	    "1.2.3.4/8", "::1.2.3.4",
	    "eth0",      "0000:0000:0000:0000:0000:ffff:c000:0207",
	};
	char line[1000];

	(void)state;
	for (size_t i = 0; i < COUNT(sources); i++) {
		snprintf(line, sizeof line, "%sIN=eth0 OUT= SRC=%s DST=%s %s%s", TIME, sources[i],
			 strchr(sources[i], ':') ? "2001:db8::1" : "192.0.2.1", IP, UDP);
		expect_reason(line, PACKET_SOURCE);
	}
	expect_reason(TIME "IN=eth0 OUT= SRC=192.0.2.7 DST=2001:db8::1 " IP UDP, PACKET_HEADER);
	expect_reason(TIME "IN=eth0 OUT= SRC=192.0.2.7 DST=gate " IP UDP, PACKET_HEADER);
}

static void what_is_not_of_a_packet_to_us(void **state)
{
	(void)state;
	expect_none("");
	expect_none(TIME "usb 1-1: new high-speed USB device number 2 using xhci_hcd");
	expect_none(TIME "IN=eth0 OUT=eth1 " MAC ENDS IP SYN); /* goes through */
	expect_none(TIME "IN= OUT=eth0 " ENDS IP SYN);         /* goes out */
	expect_none(TIME "OUT= IN=eth0 " MAC ENDS IP SYN);
	expect_none(TIME "IN=eth0 " MAC ENDS IP SYN);
	expect_none(TIME "IN=eth0 OUT= " MAC "SRC=192.0.2.7 " IP SYN);
	expect_none(TIME "IN=eth0 OUT= " MAC "DST=192.0.2.7 " IP SYN);
	expect_none(TIME "IN=eth0 OUT= " MAC IP SYN);
	expect_none(TIME LINE);
}

/* Whatever a stranger can get somebody else to write. */
static void what_is_forged(void **state)
{
	(void)state;
	expect_none("Nov 26 12:00:01 gate sshd[123]: Invalid user IN=eth0 OUT= " MAC ENDS IP SYN);
	expect_none("Nov 26 12:00:01 gate sshd[123]: Invalid user " LINE SYN
		    "from 203.0.113.9 port 22");
	expect_none("Nov 26 12:00:01 gate login: bad name " LINE SYN "on tty1");
	expect_none("Nov 26 12:00:01 gate sshd-session[9]: " LINE UDP);
	expect_none("sshd[1]: " LINE UDP);
	expect_none("nft drop: " LINE UDP);
	expect_none(" " LINE UDP);
	expect_none(TIME "systemd[1]: " LINE UDP);
	expect_none("Nov 26 12:00:01 gate app: kernel: " LINE UDP);
	expect_none("Nov 26 12:00:01 gate app: " LINE UDP);
	expect_none("Nov 26 12:00:01 gate app:  " LINE UDP);
	expect_none("Nov 26 12:00:01 gate user.notice kernel: " LINE UDP);
	expect_none("Nov 26 12:00:01 kernels: " LINE UDP);
	expect_none("Nov 26 12:00:01 gate kernel[12]: " LINE UDP);
	expect_none("Nov 26 12:00:01 gate kern: " LINE UDP);
	expect_none("Nov 26 12:00:01 [app] asked for " LINE SYN);
	expect_none("Nov 26 12:00:01 " LINE SYN);
	expect_none("<34>1 2026-11-26T12:00:01.003Z gate app 1234 - - asked for " LINE SYN);
	expect_none("<34>1 2026-11-26T12:00:01.003Z gate kernel - - - " LINE SYN);
	expect_none("<4>1 2026-11-26T12:00:01.003Z gate kernel 7 - - " LINE SYN);
	expect_none(
	    "<34>1 2026-11-26T12:00:01.003Z gate app 7 - [meta sequenceId=\"7\"] " LINE SYN);
	expect_none("<4>1 2026-11-26T12:00:01.003Z gate app - - [meta a=\"1\"] kernel: " LINE SYN);
	expect_none("<4>1 2026-11-26T12:00:01.003Z gate kernel - - [meta a=\"1\" " LINE SYN);
	expect_none("<4>1 2026-11-26T12:00:01.003Z gate kernel - - [meta a=\"1] " LINE SYN);
	expect_none("<4>1 2026-11-26T12:00:01.003Z gate kernel - - [meta a=\"1\\" LINE SYN);
	expect_none("<4>1 2026-11-26T12:00:01.003Z gate kernel - - [meta]" LINE SYN);
	expect_none("<4>1 2026-11-26T12:00:01.003Z gate kernel - - x " LINE SYN);
	expect_none("<4>1 2026-11-26T12:00:01.003Z gate kernel - - " LINE SYN);
	expect_none("2026-11-26_12:00:01.12345 daemon.info: app[1]: " LINE SYN);
	expect_none("@400000006a6e5a0b1d2c3b4a daemon.info: " LINE SYN);
	expect_none("@400000006a6e5a0b1d2c3b4a " LINE SYN);
	expect_none("@400000006a6e5a0b1d2c3b4g kern.warn: " LINE SYN);
	expect_none(
	    "Nov 26 12:00:01 gate DROP: " LINE SYN); /* ulogd2's, or another program's tag */
	expect_none("2026-11-26T12:00:01.003Z gate asked for " LINE SYN);
	expect_none("2026-11-26T12:00:01.12345 daemon.info: Nov 26 12:00:01 app[1]: " LINE SYN);
	expect_none("2026-11-26T12:00:01.12345 kern.info asked for " LINE SYN);
	expect_none("[Thu Nov 26 12:00:01 2026] " LINE SYN);
	expect_none("[client 203.0.113.9] " LINE SYN);
	/* What follows may be another's to choose, and swallow what comes behind it. */
	expect_none(TIME LINE SYN "X=1\"");
	expect_none(TIME LINE UDP "A=");
	expect_none(TIME LINE SYN "MARK=1\"");
	expect_none(TIME LINE SYN "MARK='");
	expect_none(TIME LINE SYN "(failed)");
	expect_none(TIME LINE SYN "()");
	expect_none(TIME LINE SYN "=1");
	expect_none(TIME "\"" LINE SYN);
	expect_none(TIME "he said ' " LINE SYN);
	expect_none(TIME
		    "longer than any that nftables has ..........................................."
		    "....................................... 128 bytes: " LINE SYN);
	expect_none("Nov 26 12:00:01 gate longer than any that NFLOG has, ....................... "
		    "65 bytes " LINE UDP);
	expect_none(TIME LINE SYN "and more");
	expect_none(TIME LINE SYN "SRC=203.0.113.9");
	expect_none(TIME LINE SYN "DST=203.0.113.9");
	expect_none(TIME LINE SYN "DPT=22");
	expect_none(TIME LINE SYN "PROTO=UDP");
	expect_none(TIME LINE UDP "LEN=9");
	expect_none(TIME LINE SYN "OUT=");
	expect_none(TIME LINE SYN "IN=eth1");
	expect_none(TIME "IN=eth0 OUT= " MAC "PROTO=UDP " ENDS IP "DPT=22 LEN=9");
	expect_none(TIME "IN=eth0 OUT= " MAC ENDS IP "DPT=22 PROTO=UDP LEN=9");
	expect_none(TIME LINE UDP "[SRC=203.0.113.9 DST=198.51.100.1");
	expect_none(TIME LINE "[SRC=203.0.113.9] " UDP);
	expect_none(TIME LINE UDP "x-y=1");
	expect_none(TIME LINE UDP "(");
	expect_none(TIME LINE "PROTO=UDP\tSPT=1 DPT=1000 LEN=9");
	/* What stands before the kernel's own words is not believed: the last counts. */
	expect(TIME
	       "IN=eth0 OUT= SRC=203.0.113.9 DST=198.51.100.1 PROTO=TCP IN=eth1 OUT= " ENDS IP SYN,
	       "192.0.2.7", 6, 20480);
}

static void what_is_too_long_or_no_text(void **state)
{
	static const char nul[] = TIME LINE "\0" SYN;
	char line[LOGLINE_LONGEST + 1];
	enum packet_reason reason;
	struct sighting sighting;

	(void)state;
	assert_false(logline_parse(&sighting, &reason, nul, sizeof nul - 1));
	memset(line, ' ', sizeof line);
	memcpy(line, LINE SYN, sizeof LINE SYN - 1);
	assert_true(logline_parse(&sighting, &reason, line, LOGLINE_LONGEST));
	assert_false(logline_parse(&sighting, &reason, line, LOGLINE_LONGEST + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_kernel_writes),
	    cmocka_unit_test(in_all_its_forms),
	    cmocka_unit_test(what_is_no_symbol),
	    cmocka_unit_test(sources_that_are_nobodys),
	    cmocka_unit_test(what_is_not_of_a_packet_to_us),
	    cmocka_unit_test(what_is_forged),
	    cmocka_unit_test(what_is_too_long_or_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
