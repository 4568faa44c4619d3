/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of packets by rules that iptables-save and nft have printed.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "../../client/firewall/effect.h"
#include "../../client/firewall/look.h"
#include "../../client/firewall/ruleset.h"
#include "../../client/firewall/trace.h"

static struct config config;

static int set_up(void **state)
{
	(void)state;
	memset(&config, 0, sizeof config);
	config.firewall = CONFIG_IPTC;
	strcpy(config.table, "mangle");
	strcpy(config.chain, "POSTERN");
	config.mark = 0x10000;
	config.n_sources = 1;
	config.sources[0].kind = SOURCE_NFLOG;
	config.sources[0].n_groups = 2;
	config.sources[0].groups[0] = 5;
	config.sources[0].groups[1] = 6;
	config.doors[config.n_doors++] = (struct door){.proto = DOOR_TCP, .port = 22};
	assert_int_equal(portset_parse(&config.spa, "53,20480-32767", NULL), 0);
	return 0;
}

/* What the rules make of it: 'a', 'd' or 'r'; a capital: by a policy, or by nothing. */
static char fate(const struct ruleset *ruleset, struct rule_packet packet)
{
	struct trace_result result = trace_packet(ruleset, &packet, &config, NULL, NULL);
	char letter = "adr"[result.end];
	return result.rule == NULL ? (char)(letter - 'a' + 'A') : letter;
}

static const struct rule_packet ssh = {.family = RULESET_V4, .proto = DOOR_TCP, .port = 22};
static const struct rule_packet knock = {.family = RULESET_V4, .proto = DOOR_UDP, .port = 20480};

static struct rule_packet granted(struct rule_packet packet)
{
	packet.granted = true;
	return packet;
}

static struct rule_packet begun(struct rule_packet packet)
{
	packet.established = true;
	return packet;
}

static struct ruleset legacy(const char *input, const char *more)
{
	struct ruleset ruleset = {0};
	char *text;
	assert_true(asprintf(&text, "# by\n*filter\n:INPUT DROP [1:2]\n:X - [0:0]\n%s%sCOMMIT\n",
			     input, more) > 0);
	assert_int_equal(ruleset_add_iptables(&ruleset, text, RULESET_LEGACY, RULESET_V4, NULL), 0);
	return ruleset;
}

/* One rule in INPUT, whose policy drops: what becomes of a packet. */
static void expect(const char *rule, struct rule_packet packet, char expected)
{
	char line[400];
	snprintf(line, sizeof line, "-A INPUT %s\n", rule);
	struct ruleset ruleset = legacy(line, "");
	char got = fate(&ruleset, packet);
	if (got != expected)
		fail_msg("%s: %c, not %c", rule, got, expected);
	ruleset_free(&ruleset);
}

static void test_iptables(void **state)
{
	(void)state;
	expect("-j ACCEPT", ssh, 'a');
	expect("-p tcp -m tcp --dport 22 -j ACCEPT", ssh, 'a');
	expect("-p tcp -m tcp --dport 23 -j ACCEPT", ssh, 'D');
	expect("-p tcp -m tcp ! --dport 23 -j ACCEPT", ssh, 'a');
	expect("-p udp -m udp --dport 22 -j ACCEPT", ssh, 'D');
	expect("! -p udp -j ACCEPT", ssh, 'a');
	expect("-p 6 -j ACCEPT", ssh, 'a');
	expect("-p icmp -j ACCEPT", ssh, 'D');
	expect("-p tcp -m multiport --dports 80,20:25 -j ACCEPT", ssh, 'a');
	expect("-p tcp -m multiport --dports 80,443 -j ACCEPT", ssh, 'D');
	expect("-i lo -j ACCEPT", ssh, 'D');
	expect("! -i lo -j ACCEPT", ssh, 'a');
	expect("-i eth0 -j ACCEPT", ssh, 'D');
	expect("-s 192.0.2.0/24 -j ACCEPT", ssh, 'D');
	expect("-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ssh, 'D');
	expect("-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", begun(ssh), 'a');
	expect("-m state --state NEW -j REJECT --reject-with icmp-port-unreachable", ssh, 'r');
	expect("-m conntrack ! --ctstate NEW -j ACCEPT", ssh, 'D');
	expect("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT", ssh, 'a');
	expect("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT", begun(ssh), 'D');
	expect("-m mark --mark 0x10000/0x10000 -j ACCEPT", ssh, 'D');
	expect("-m limit --limit 5/sec -j ACCEPT", ssh, 'a');
	expect("-m limit --limit 5/sec --limit-burst 7 -j ACCEPT", ssh, 'a');
	expect("-m limit --limit 5/sec -j REJECT", ssh, 'D');
	expect("-p tcp -m tcp --dport 22 -m hashlimit --hashlimit-upto 3/min --hashlimit-burst 5 "
	       "--hashlimit-mode srcip --hashlimit-name ssh -j ACCEPT",
	       ssh, 'a');
	expect("-m hashlimit --hashlimit-above 3/min --hashlimit-mode srcip --hashlimit-name ssh "
	       "-j DROP",
	       ssh, 'D');
	expect("-s 10.1.2.3 -m limit --limit 5/sec -j ACCEPT", ssh, 'D');
	expect("-m comment --comment \"-j ACCEPT now\" -j DROP", ssh, 'd');
	expect("-m addrtype --dst-type LOCAL -j ACCEPT", ssh, 'a');
	expect("-m addrtype --dst-type MULTICAST -j ACCEPT", ssh, 'D');
	expect("-j NFLOG --nflog-group 5", ssh, 'D');
	expect("-j RETURN", ssh, 'D');
	expect("-j NOWHERE", ssh, 'D');
	expect("-m something --odd 1 -j ACCEPT", ssh, 'D');
	expect("-m set --match-set postern4 src,dst -j ACCEPT", granted(ssh), 'D');
	config.firewall = CONFIG_IPSET;
	strcpy(config.set4, "postern4");
	expect("-m set --match-set postern4 src,dst -j ACCEPT", granted(ssh), 'a');
	expect("-m set --match-set postern4 src,dst -j ACCEPT", ssh, 'D');
	expect("-m set ! --match-set postern4 src,dst -j ACCEPT", ssh, 'a');
	config.firewall = CONFIG_NFT; /* whose set of that name is another */
	expect("-m set --match-set postern4 src,dst -j ACCEPT", granted(ssh), 'D');
}

/* What stands in a string is no rule, whatever it reads as; a backslash of iptables-save's goes with it. */
static void test_strings(void **state)
{
	(void)state;
	expect("-m comment --comment \"x\\\" -j DROP \\\"\" -j ACCEPT", ssh, 'a');
	expect("-m comment --comment \"x\\\" -j ACCEPT \\\"\" -j DROP", ssh, 'd');
	expect("-m comment --comment \"end\\\\\" -j ACCEPT", ssh, 'a');
	expect("-m comment --comment \"\" -j ACCEPT", ssh, 'a');
	expect("-m comment --comment \"it\\'s\" -j ACCEPT", ssh, 'a');
	expect("-m comment --comment -j -j ACCEPT", ssh, 'a');
	expect("-m string --string -j --algo bm -j ACCEPT", ssh, 'D');
	expect("-m comment --comment \"x\n-A INPUT -j DROP\n#\" -j ACCEPT", ssh, 'a');
	expect("-m comment --comment \"x\n-A INPUT -j ACCEPT\n#\" -j DROP", ssh, 'd');
	expect("-m comment --comment \"x\n*raw\n:INPUT ACCEPT\nCOMMIT\" -j ACCEPT", ssh, 'a');
	expect("-i a\"b -j DROP\n-A INPUT -i c\"d -j DROP\n-A INPUT -j ACCEPT", ssh, 'a');
	expect("-j LOG --log-prefix \"x\\\" \"\n-A INPUT -j ACCEPT", ssh, 'a');
	/* One that has no end is none, and takes no other line. */
	expect("-m comment --comment \"x\n-A INPUT -j ACCEPT", ssh, 'a');
}

static const struct ruleset_rule *first_of(const struct ruleset *ruleset, uint32_t chain)
{
	return ruleset_first(ruleset, &ruleset->chains[chain]);
}

/* A rule is ours by where it leads, not by its comment. */
static void test_ours(void **state)
{
	static const struct {
		const char *rule;
		bool is;
	} rules[] = {
	    {"! -i lo -m comment --comment postern -j POSTERN-IN", true},
	    {"-m conntrack --ctstate NEW -j POSTERN", true},
	    {"-m comment --comment \"all but POSTERN\" -j DROP", false},
	    {"-m comment --comment \"x\\\" -j POSTERN-IN \\\"\" -j DROP", false},
	    {"-j LOG --log-prefix \"POSTERN \"", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		char line[200];
		snprintf(line, sizeof line, "-A INPUT %s\n", rules[i].rule);
		struct ruleset ruleset = legacy(line, "");
		if (look_is_ours(&ruleset.chains[0], first_of(&ruleset, 0)) != rules[i].is)
			fail_msg("%s", rules[i].rule);
		ruleset_free(&ruleset);
	}
}

/* Where strangers come in, if it is known. */
static const struct outward one = {.names = {"eth0"}, .count = 1};
static const struct outward two = {.names = {"eth0", "wlan0"}, .count = 2};

static struct rule_packet by(const struct outward *outward)
{
	struct rule_packet packet = ssh;
	packet.outward = outward;
	return packet;
}

static void test_interfaces(void **state)
{
	(void)state;
	static const struct outward *const known[] = {NULL, &one, &two};
	static const struct {
		const char *rule, *ends; /* where it is not known, is one, is one of two */
	} rules[] = {
	    {"-i eth0 -j ACCEPT", "Daa"},   {"-i eth+ -j ACCEPT", "Daa"},
	    {"-i wg0 -j ACCEPT", "DDD"},    {"! -i wg0 -j ACCEPT", "Daa"},
	    {"! -i eth0 -j ACCEPT", "DDa"}, {"! -i lo -j ACCEPT", "aaa"},
	    {"-i lo -j ACCEPT", "DDD"},     {"-i + -j ACCEPT", "Daa"},
	    {"-i eth0 -j REJECT", "DrD"},   {"! -i eth0 -j REJECT", "DDD"},
	};
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		for (size_t j = 0; j < 3; j++)
			expect(rules[i].rule, by(known[j]), rules[i].ends[j]);
}

static void test_chains(void **state)
{
	(void)state;
	struct ruleset ruleset = legacy("-A INPUT -j X\n-A INPUT -p tcp -j REJECT\n",
					"-A X -p udp -j RETURN\n-A X -j ACCEPT\n");
	assert_int_equal(fate(&ruleset, ssh), 'a');
	assert_int_equal(fate(&ruleset, knock), 'D');
	ruleset_free(&ruleset);
	ruleset = legacy("-A INPUT -g X\n-A INPUT -j ACCEPT\n", "");
	assert_int_equal(fate(&ruleset, ssh), 'D');
	ruleset_free(&ruleset);
	ruleset = legacy("-A INPUT -j X\n", "-A X -j X\n"); /* no kernel takes it */
	assert_int_equal(fate(&ruleset, ssh), 'D');
	ruleset_free(&ruleset);
	ruleset = legacy("-A INPUT -s 192.0.2.1 -j X\n-A INPUT -j ACCEPT\n", "-A X -j DROP\n");
	assert_int_equal(fate(&ruleset, ssh), 'a');
	ruleset_free(&ruleset);
}

/* Chains that lead to the next one, twice each: as many ways as no time is enough for. */
static void test_many_ways(void **state)
{
	enum { DEEP = 64 };
	char rules[DEEP * 80] = "", head[DEEP * 20] = "";
	(void)state;
	for (int i = 0; i < DEEP; i++) {
		char line[80];
		snprintf(line, sizeof line, ":N%d - [0:0]\n", i);
		strcat(head, line);
		snprintf(line, sizeof line, "-A N%d -s 192.0.2.1 -j N%d\n-A N%d -p tcp -j N%d\n", i,
			 i + 1, i, i + 1);
		strcat(rules, line);
	}
	strcat(head, ":N64 - [0:0]\n-A INPUT -j N0\n-A INPUT -j REJECT\n");
	struct ruleset ruleset = legacy(head, rules);
	assert_int_equal(fate(&ruleset, ssh), 'r');
	ruleset_free(&ruleset);
	strcat(rules, "-A N64 -j ACCEPT\n");
	ruleset = legacy(head, rules);
	assert_int_equal(fate(&ruleset, ssh), 'a');
	assert_int_equal(fate(&ruleset, knock), 'r');
	ruleset_free(&ruleset);
}

/* The chain of mangle marks, the rule of filter accepts; earlier tables come first. */
static void test_tables(void **state)
{
	(void)state;
	struct ruleset ruleset = legacy("-A INPUT -m mark --mark 0x10000/0x10000 -j ACCEPT\n", "");
	char *mangle = strdup("*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n"
			      ":POSTERN - [0:0]\n-A INPUT -m conntrack --ctstate NEW -j POSTERN\n");
	assert_int_equal(ruleset_add_iptables(&ruleset, mangle, RULESET_LEGACY, RULESET_V4, NULL),
			 0);
	assert_int_equal(fate(&ruleset, ssh), 'D');
	assert_int_equal(fate(&ruleset, granted(ssh)), 'a');
	struct rule_packet six = ssh;
	six.family = RULESET_V6;
	assert_int_equal(fate(&ruleset, six), 'A');
	char *raw = strdup("*raw\n:PREROUTING ACCEPT [0:0]\n[3:4] -A PREROUTING -j DROP\n");
	assert_int_equal(ruleset_add_iptables(&ruleset, raw, RULESET_LEGACY, RULESET_V4, NULL), 0);
	assert_int_equal(fate(&ruleset, granted(ssh)), 'd');
	ruleset_free(&ruleset);
}

static struct ruleset nft(const char *rules)
{
	struct ruleset ruleset = {0};
	char *text;
	assert_true(
	    asprintf(&text,
		     "table inet filter { # handle 1\n\tset postern4 { # handle 2\n"
		     "\t\telements = { 192.0.2.1 . tcp . 22,\n\t\t\t192.0.2.2 . tcp . 22 }\n\t}\n"
		     "\tchain input { # handle 3\n"
		     "\t\ttype filter hook input priority filter + 1; policy drop;\n"
		     "%s\t}\n\tchain x { # handle 90\n\t\taccept # handle 91\n\t}\n}\n",
		     rules) > 0);
	assert_int_equal(ruleset_add_nft(&ruleset, text, NULL), 0);
	assert_non_null(
	    ruleset_find(&ruleset, RULESET_NFT, RULESET_V4, "inet filter", "@postern4"));
	return ruleset;
}

static void expect_nft(const char *rule, struct rule_packet packet, char expected)
{
	char line[400];
	snprintf(line, sizeof line, "\t\t%s # handle 7\n", rule);
	struct ruleset ruleset = nft(line);
	char got = fate(&ruleset, packet);
	if (got != expected)
		fail_msg("%s: %c, not %c", rule, got, expected);
	ruleset_free(&ruleset);
}

/* To one of two addresses, whose packets are a stranger's, too; to another interface's. */
static void test_destinations(void **state)
{
	(void)state;
	struct outward outward = one;
	const char *const addresses[] = {"10.9.0.1", "10.9.0.2", "fd00::1"};
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    address_parse(&outward.addresses[outward.n_addresses++], addresses[i]), 0);
	expect("-d 10.9.0.1/32 -j ACCEPT", by(NULL), 'D');
	expect("-d 10.9.0.1/32 -j ACCEPT", by(&one), 'D');
	expect("-d 10.9.0.1/32 -p tcp -m tcp --dport 22 -j ACCEPT", by(&outward), 'a');
	expect("-d 10.9.0.1/32 -j REJECT", by(&outward), 'D');
	expect("-d 10.9.0.0/24 -j REJECT", by(&outward), 'r');
	expect("-d 192.168.1.1/32 -j ACCEPT", by(&outward), 'D');
	expect("! -d 192.168.1.1/32 -j REJECT", by(&outward), 'r');
	expect("! -d 10.9.0.1/32 -j ACCEPT", by(&outward), 'a');
	expect("! -d 10.9.0.1/32 -j REJECT", by(&outward), 'D');
	expect("! -d 10.9.0.0/24 -j ACCEPT", by(&outward), 'D');
	expect_nft("ip daddr 10.9.0.2 tcp dport 22 accept", by(&outward), 'a');
	expect_nft("ip daddr { 192.168.1.1, 10.9.0.2 } accept", by(&outward), 'a');
	expect_nft("ip daddr 10.9.0.2 reject", by(&outward), 'D');
	expect_nft("ip daddr 224.0.0.0/4 accept", by(&outward), 'D');
	expect_nft("ip daddr @ours accept", by(&outward), 'D');
	expect_nft("ip daddr != 10.9.0.1 accept", by(&outward), 'a');
	expect_nft("ip6 daddr fd00::1 accept", by(&outward), 'D');
}

static void test_nft(void **state)
{
	(void)state;
	struct rule_packet six = ssh;
	six.family = RULESET_V6;
	config.firewall = CONFIG_NFT;
	strcpy(config.set4, "postern4");
	expect_nft("accept", ssh, 'a');
	expect_nft("tcp dport 22 accept", ssh, 'a');
	expect_nft("tcp dport { 80, 20-25 } accept", ssh, 'a');
	expect_nft("tcp dport != 22 accept", ssh, 'D');
	expect_nft("tcp dport != { 80, 443 } accept", ssh, 'a');
	expect_nft("udp dport 22 accept", ssh, 'D');
	expect_nft("meta l4proto { tcp, udp } th dport 22 counter packets 1 bytes 2 jump x", ssh,
		   'a');
	expect_nft("ip protocol tcp accept", ssh, 'a');
	expect_nft("ip protocol tcp accept", six, 'D');
	expect_nft("meta nfproto ipv6 accept", six, 'a');
	expect_nft("ip saddr 192.0.2.1 accept", ssh, 'D');
	expect_nft("iif \"lo\" accept", ssh, 'D');
	expect_nft("iifname != \"lo\" accept", ssh, 'a');
	expect_nft("iifname \"eth0\" accept", by(&one), 'a');
	expect_nft("iif \"eth0\" accept", by(&two), 'a');
	expect_nft("iif \"eth0\" reject", by(&two), 'D');
	expect_nft("iifname { \"eth0\", \"wlan0\" } accept", by(&two), 'a');
	expect_nft("iifname != \"eth0\" accept", by(&two), 'a');
	expect_nft("iifname != \"eth0\" accept", by(&one), 'D');
	expect_nft("iifname { \"wg0\", \"eth0\" } accept", by(&one), 'a');
	expect_nft("iifname vmap { \"lo\" : drop, \"eth0\" : accept, \"br0\" : drop }", by(&one),
		   'a');
	expect_nft("iifname @inside accept", by(&one), 'D');
	expect_nft("iifgroup \"default\" accept", by(&one), 'D');
	expect_nft("iifname \"eth*\" accept", by(&one), 'a');
	expect_nft("ct state established,related accept", begun(ssh), 'a');
	expect_nft("ct state vmap { invalid : drop, established : accept, related : accept }",
		   begun(ssh), 'a');
	expect_nft("ct state vmap { invalid : drop, established : accept }", ssh, 'D');
	expect_nft("tcp dport vmap { 22 : jump x, 80 : drop }", ssh, 'a');
	expect_nft("ct state new tcp flags syn / fin,syn,rst,ack accept", ssh, 'a');
	expect_nft("tcp flags & (fin | syn | rst | ack) == syn tcp dport 22 accept", ssh, 'a');
	expect_nft("tcp flags & (fin | syn | rst | ack) == syn accept", begun(ssh), 'D');
	expect_nft("tcp flags & (fin | syn | rst | ack) != syn ct state new accept", ssh, 'D');
	expect_nft("tcp flags & syn == syn accept", ssh, 'a');
	expect_nft("tcp flags syn tcp dport 22 accept", ssh, 'a');
	expect_nft("tcp flags == syn tcp dport 80 accept", ssh, 'D');
	expect_nft("tcp flags & (fin | syn) == 0x0 accept", ssh, 'D');
	expect_nft("meta mark & 0x00010000 == 0x00010000 accept", ssh, 'D');
	expect_nft("limit rate 5/second burst 5 packets accept", ssh, 'a');
	expect_nft("limit rate 5/second burst 5 packets reject", ssh, 'D');
	expect_nft("limit rate over 5/second burst 5 packets accept", ssh, 'D');
	expect_nft("limit name \"few\" accept", ssh, 'D');
	expect_nft("add @seen { ip saddr limit rate 3/minute burst 5 packets } accept", ssh, 'a');
	expect_nft("tcp dport 22 meter x size 65535 { ip saddr limit rate over 3/minute } accept",
		   ssh, 'D');
	expect_nft("update @seen { ip saddr timeout 1m } accept", ssh, 'a');
	expect_nft("add @seen { ip saddr ct count over 3 } accept", ssh, 'D');
	expect_nft("log prefix \"drop accept \" group 5 queue-threshold 1 reject with tcp reset",
		   ssh, 'r');
	expect_nft("ip saddr . meta l4proto . th dport @postern4 accept", granted(ssh), 'a');
	expect_nft("ip saddr . meta l4proto . th dport @postern4 accept", ssh, 'D');
	expect_nft("ip saddr . meta l4proto . th dport @other accept", granted(ssh), 'D');
	expect_nft("meta l4proto . th dport { tcp . 80 } accept", ssh, 'D');
	expect_nft("tcp dport 22 drop comment \"accept\"", ssh, 'd');
	expect_nft("tcp dport 22 drop comment \"x\" accept comment \"\"", ssh, 'd');
	expect_nft("accept comment \"x\n\t\tdrop # handle 3\n\t}\n}\"", ssh, 'a');
	expect_nft("drop comment \"back\\\" # handle 3\n\t\taccept", ssh, 'd');
	expect_nft("iifname \"drop\" drop comment \"{\" # handle 3\n\t\taccept", ssh, 'a');
	expect_nft("ct helper set \"accept\" drop # handle 3\n\t\taccept", ssh, 'a');
	expect_nft("log prefix \"x\ny { \" accept", ssh, 'a');
	expect_nft("tcp dport { 80,\n\t\t\t 22 } accept", ssh, 'a');
	expect_nft("icmpv6 type echo-request accept", six, 'D');
	expect_nft("reject with icmpx type admin-prohibited", six, 'r');
	expect_nft("reject with icmp type host-prohibited", ssh, 'r');
	expect_nft("reject with icmp host-prohibited", ssh, 'r');
	expect_nft("reject with icmp type host-prohibited", six, 'D');
	expect_nft("reject with icmpv6 type no-route", six, 'r');
	expect_nft("reject with icmpv6 type no-route", ssh, 'D');
	expect_nft("reject", six, 'r');
}

/* Chains of one hook, by their priority; one accepts, the next may still drop. */
static void test_priorities(void **state)
{
	(void)state;
	struct ruleset ruleset = nft("\t\ttcp dport 22 accept # handle 5\n");
	char *more = strdup("table ip late { # handle 2\n\tchain last { # handle 1\n"
			    "\t\ttype filter hook input priority 20; policy accept;\n"
			    "\t\ttcp dport 22 reject # handle 2\n\t}\n}\n"
			    "table bridge other {\n\tchain in {\n\t\tdrop\n\t}\n}\n");
	assert_int_equal(fate(&ruleset, ssh), 'a');
	assert_int_equal(ruleset_add_nft(&ruleset, more, NULL), 0);
	assert_int_equal(fate(&ruleset, ssh), 'r');
	ruleset_free(&ruleset);
}

static void test_effects(void **state)
{
	(void)state;
	struct look look = {0};
	struct effect effect;
	look.ruleset = legacy("-A INPUT -p udp -m udp --dport 53 -j DROP\n"
			      "-A INPUT -p udp -m limit --limit 5/sec -j NFLOG --nflog-group 5\n"
			      "-A INPUT -p tcp -j ACCEPT\n-A INPUT -j f2b-sshd\n",
			      "");
	assert_true(effect_wrong(&effect, EFFECT_KNOCK, &look, &config));
	assert_non_null(strstr(effect.text, "udp/53 over IPv4: dropped"));
	assert_true(effect_wrong(&effect, EFFECT_STRANGER, &look, &config));
	assert_false(effect_wrong(&effect, EFFECT_GRANT, &look, &config));
	assert_false(effect_wrong(&effect, EFFECT_SESSION, &look, &config));
	assert_true(effect_wrong(&effect, EFFECT_BANS, &look, &config));
	assert_false(effect_second_way(&look, &config, &config.doors[0]));
	assert_int_equal(portset_parse(&config.spa, "20480-32767", NULL), 0);
	assert_true(effect_wrong(&effect, EFFECT_KNOCK, &look, &config)); /* IPv6 has no rule */
	assert_non_null(strstr(effect.text, "over IPv6"));
	assert_true(effect_logs_to(&look, &config, 5, RULESET_V4));
	assert_false(effect_logs_to(&look, &config, 6, RULESET_V4));
	ruleset_free(&look.ruleset);
}

/* As text, only what takes all of a sequence at once logs one. */
static void test_text(void **state)
{
	static const struct {
		const char *legacy, *nft, *wrong; /* null: it logs */
	} rules[] = {
	    {"-j LOG", "log", NULL},
	    {"-m limit --limit 100/sec --limit-burst 48 -j LOG",
	     "limit rate 100/second burst 48 packets log", NULL},
	    {"-m limit --limit 100/sec --limit-burst 47 -j LOG",
	     "limit rate 100/second burst 47 packets log", "a limit"},
	    {"-m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix \"[UFW BLOCK] \"",
	     "limit rate 3/minute burst 10 packets log prefix \"[UFW BLOCK] \"", "a limit"},
	    {"-m limit --limit 100/sec -j LOG", "limit rate 100/second log", "a limit"},
	    {"-j NFLOG --nflog-group 5", "log group 5", "is not logged"},
	    {"-j LOG", "limit rate 10 mbytes/second burst 5 kbytes log", NULL},
	    {"-j LOG", "limit name \"many\" log", NULL},
	};
	struct look look = {0};
	struct effect effect;
	(void)state;
	config.sources[0] = (struct source_config){.kind = SOURCE_LOG};
	memset(&config.spa, 0, sizeof config.spa);
	assert_int_equal(portset_parse(&config.sequence, "20480-32767", NULL), 0);
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		const char *wrong = rules[i].wrong;
		char line[200];
		snprintf(line, sizeof line, "-A INPUT %s\n", rules[i].legacy);
		look.ruleset = legacy(line, "");
		assert_true(effect_wrong(&effect, EFFECT_KNOCK, &look, &config));
		assert_non_null(strstr(effect.text, wrong == NULL ? "over IPv6" : wrong));
		assert_non_null(strstr(effect.text, wrong == NULL ? "over IPv6" : "over IPv4"));
		ruleset_free(&look.ruleset);
		snprintf(line, sizeof line, "\t\t%s # handle 7\n", rules[i].nft);
		look.ruleset = nft(line);
		assert_int_equal(effect_wrong(&effect, EFFECT_KNOCK, &look, &config),
				 wrong != NULL);
		if (wrong != NULL)
			assert_non_null(strstr(effect.text, wrong));
		ruleset_free(&look.ruleset);
	}
}

static void count_step(void *context, const struct trace_step *step)
{
	(void)step;
	++*(int *)context;
}

/* Who is to be blamed for a decision; and what a packet meets that nothing decides about. */
static void test_blame(void **state)
{
	static const char jumps[] = "-A INPUT -j X\n-A INPUT -p tcp -m tcp --dport 22 -j X\n";
	int steps = 0;
	struct rule_packet packet = ssh;
	(void)state;
	struct ruleset ruleset = legacy(jumps, "-A X -p tcp -m tcp --dport 22 -j DROP\n");
	struct trace_result result = trace_packet(&ruleset, &packet, &config, NULL, NULL);
	assert_string_equal(result.base->name, "INPUT");
	assert_ptr_equal(result.chooses, result.rule);
	ruleset_free(&ruleset);
	ruleset = legacy(strchr(jumps, '\n') + 1, "-A X -j DROP\n-A X -j RETURN\n-A X -j DROP\n");
	result = trace_packet(&ruleset, &packet, &config, NULL, NULL);
	assert_string_equal(result.chooses->text, "-p tcp -m tcp --dport 22 -j X");
	packet.undecided = true;
	trace_packet(&ruleset, &packet, &config, count_step, &steps);
	assert_int_equal(steps, 4);
	ruleset_free(&ruleset);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_iptables, set_up),
	    cmocka_unit_test_setup(test_strings, set_up),
	    cmocka_unit_test_setup(test_ours, set_up),
	    cmocka_unit_test_setup(test_many_ways, set_up),
	    cmocka_unit_test_setup(test_interfaces, set_up),
	    cmocka_unit_test_setup(test_destinations, set_up),
	    cmocka_unit_test_setup(test_chains, set_up),
	    cmocka_unit_test_setup(test_tables, set_up),
	    cmocka_unit_test_setup(test_nft, set_up),
	    cmocka_unit_test_setup(test_priorities, set_up),
	    cmocka_unit_test_setup(test_effects, set_up),
	    cmocka_unit_test_setup(test_text, set_up),
	    cmocka_unit_test_setup(test_blame, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
