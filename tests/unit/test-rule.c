/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one rule, of iptables-save's or of nft's, makes of a packet.
 */
#include "tracing.h"

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
	expect("-m something --odd 1 -j ACCEPT", ssh, 'a');
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
	expect("-m string --string -j --algo bm -j DROP\n-A INPUT -j ACCEPT", ssh, 'a');
	expect("-m comment --comment \"x\n-A INPUT -j DROP\n#\" -j ACCEPT", ssh, 'a');
	expect("-m comment --comment \"x\n-A INPUT -j ACCEPT\n#\" -j DROP", ssh, 'd');
	expect("-m comment --comment \"x\n*raw\n:INPUT ACCEPT\nCOMMIT\" -j ACCEPT", ssh, 'a');
	expect("-i a\"b -j DROP\n-A INPUT -i c\"d -j DROP\n-A INPUT -j ACCEPT", ssh, 'a');
	expect("-j LOG --log-prefix \"x\\\" \"\n-A INPUT -j ACCEPT", ssh, 'a');
	/* One that has no end is none, and takes no other line. */
	expect("-m comment --comment \"x\n-A INPUT -j ACCEPT", ssh, 'a');
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
	    {"-i wg0 -j ACCEPT", "DDD"},    {"! -i wg0 -j ACCEPT", "aaa"},
	    {"! -i eth0 -j ACCEPT", "aDa"}, {"! -i lo -j ACCEPT", "aaa"},
	    {"-i lo -j ACCEPT", "DDD"},     {"-i + -j ACCEPT", "Daa"},
	    {"-i eth0 -j REJECT", "DrD"},   {"! -i eth0 -j REJECT", "DDD"},
	};
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		for (size_t j = 0; j < 3; j++)
			expect(rules[i].rule, by(known[j]), rules[i].ends[j]);
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
	expect_nft("limit rate over 5/second burst 5 packets accept", ssh, 'a');
	expect_nft("limit name \"few\" accept", ssh, 'a');
	expect_nft("add @seen { ip saddr limit rate 3/minute burst 5 packets } accept", ssh, 'a');
	expect_nft("tcp dport 22 meter x size 65535 { ip saddr limit rate over 3/minute } drop",
		   ssh, 'D');
	expect_nft("update @seen { ip saddr timeout 1m } accept", ssh, 'a');
	expect_nft("add @seen { ip saddr ct count over 3 } drop", ssh, 'D');
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
	expect_nft("ct helper set \"accept\" drop # handle 3\n\t\taccept", ssh, 'd');
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

/* Of what is forwarded a rule knows the first port as that alone. */
static void test_forwarded(void **state)
{
	struct rule_packet packet = ssh;
	(void)state;
	packet.forwarded = true;
	expect("-p tcp -m conntrack --ctstate DNAT --ctorigdstport 22 --ctdir ORIGINAL -j REJECT",
	       packet, 'r');
	expect("-p tcp -m conntrack --ctorigdstport 23 -j REJECT", packet, 'D');
	expect("-p tcp -m conntrack --ctstatus DNAT -j REJECT", packet, 'r');
	expect("-p tcp -m tcp --dport 22 -j REJECT", packet, 'D');
	expect("-p tcp -m conntrack --ctorigdstport 22 -j REJECT", ssh, 'r');
	expect_nft("ct status dnat ct direction original meta l4proto tcp ct original proto-dst 22 "
		   "reject",
		   packet, 'r');
	expect_nft("tcp dport 22 reject", packet, 'D');
}

/* What is known of no packet, or of some alone: whoever may be let in is let in, and nobody is kept out by it. */
static void test_partly(void **state)
{
	static const struct {
		const char *rule; /* but for its verdict */
		const char *
		    ends; /* what becomes of a stranger: if it accepts; if it drops, and the next accepts */
	} legacy[] =
	    {
		{"-p tcp -m tcp --dport 22 -m connlimit --connlimit-upto 3 --connlimit-mask 32 "
		 "--connlimit-saddr",
		 "aa"},
		{"-m connlimit --connlimit-above 3 --connlimit-mask 32 --connlimit-saddr", "aa"},
		{"-m hashlimit --hashlimit-above 3/min --hashlimit-mode srcip --hashlimit-name ssh",
		 "aa"},
		{"-m statistic --mode random --probability 0.5", "aa"},
		{"-m time --timestart 08:00:00 --timestop 18:00:00", "aa"},
		{"-p tcp -m tcp --sport 1024:65535", "aa"},
		{"! -s 10.0.0.0/8", "ad"},
		{"-p tcp ! -s 10.0.0.0/8 -m tcp --dport 22", "ad"},
		{"-m iprange ! --src-range 10.0.0.1-10.0.0.9", "ad"},
		{"-m addrtype --src-type UNICAST", "ad"},
		{"-m addrtype --src-type LOCAL", "Da"},
		{"-m policy --dir in --pol none", "ad"},
		{"-m set ! --match-set bad src", "aa"},
		{"-m set --match-set ports dst", "aa"},
		{"-m geoip --source-country DE", "aa"},
		{"-m recent ! --rcheck --name BAD --mask 255.255.255.255 --rsource", "aa"},
		{"-m recent --rcheck --seconds 30 --name KNOCKED --rsource", "Da"},
		{"-m set --match-set friends src", "Da"},
		{"-m mac --mac-source 02:00:00:00:00:01", "Da"},
		{"-m policy --dir in --pol ipsec", "Da"},
		{"-m pkttype --pkt-type broadcast", "Da"},
		{"-m conntrack --ctstatus DNAT", "Da"},
		{"-o lo", "Da"},
	    },
	  nft[] = {
	      {"tcp dport 22 ct count 3", "aa"},
	      {"tcp dport 22 ct count over 3", "aa"},
	      {"quota 25 mbytes", "aa"},
	      {"meta hour \"08:00\"-\"18:00\"", "aa"},
	      {"tcp sport 1024-65535", "aa"},
	      {"ip saddr != 10.0.0.0/8 tcp dport 22", "ad"},
	      {"ip saddr != { 10.0.0.0/8, 192.168.0.0/16 }", "ad"},
	      {"fib saddr type unicast", "ad"},
	      {"fib saddr type local", "Da"},
	      {"ip saddr != @friends tcp dport 22", "aa"},
	      {"fib saddr . iif oif exists", "aa"},
	      {"ct mark 0x00000001", "aa"},
	      {"xt match \"connlimit\"", "aa"},
	      {"ip saddr @friends", "Da"},
	      {"ip saddr . tcp dport { 10.1.2.3 . 22 }", "Da"},
	      {"ether saddr 02:00:00:00:00:01", "Da"},
	      {"meta secpath exists", "Da"},
	      {"ct status dnat", "Da"},
	      {"oifname \"lo\"", "Da"},
	      {"esp spi 1", "Da"},
	  };
	char rule[300];
	(void)state;
	for (size_t i = 0; i < sizeof legacy / sizeof *legacy; i++) {
		snprintf(rule, sizeof rule, "%s -j ACCEPT", legacy[i].rule);
		expect(rule, ssh, legacy[i].ends[0]);
		snprintf(rule, sizeof rule, "%s -j DROP\n-A INPUT -j ACCEPT", legacy[i].rule);
		expect(rule, ssh, legacy[i].ends[1]);
		snprintf(rule, sizeof rule, "%s -j X\n-A X -j ACCEPT", legacy[i].rule);
		expect(rule, ssh, legacy[i].ends[0]);
		snprintf(rule, sizeof rule, "%s -g X\n-A X -j DROP\n-A INPUT -j ACCEPT",
			 legacy[i].rule);
		expect(rule, ssh, legacy[i].ends[1]);
	}
	for (size_t i = 0; i < sizeof nft / sizeof *nft; i++) {
		snprintf(rule, sizeof rule, "%s accept", nft[i].rule);
		expect_nft(rule, ssh, nft[i].ends[0]);
		snprintf(rule, sizeof rule, "%s drop # handle 3\n\t\taccept", nft[i].rule);
		expect_nft(rule, ssh, nft[i].ends[1]);
		snprintf(rule, sizeof rule, "%s goto x", nft[i].rule);
		expect_nft(rule, ssh, nft[i].ends[0]);
	}
}

/* Sets and maps that have a name; one of each, in a table. */
static void test_named(void **state)
{
	static const struct {
		const char *kind, *has, *rule;
		char end;
	} cases[] = {
	    {"set", "type inet_service\n\t\telements = { 22, 80 }", "tcp dport @p accept", 'a'},
	    {"set",
	     "type inet_service\n\t\tflags interval\n\t\telements = { 20-30 comment \"a, "
	     "b\",\n\t\t\t80 }",
	     "tcp dport @p accept", 'a'},
	    {"set", "elements = { 80 counter packets 22 bytes 22, 443 }", "tcp dport @p accept",
	     'D'},
	    {"set", "elements = { 80, 443 }", "tcp dport != @p accept", 'a'},
	    {"set", "type inet_service", "tcp dport @p accept", 'D'},
	    {"set", "elements = { tcp . 22, udp . 53 }", "meta l4proto . th dport @p accept", 'a'},
	    {"set", "elements = { udp . 22, tcp . 53 }", "meta l4proto . th dport @p accept", 'D'},
	    {"set", "elements = { 10.0.0.0/8 }", "ip saddr @p accept", 'D'},
	    {"set", "elements = { 0.0.0.0/0 }", "ip saddr @p accept", 'a'},
	    {"map", "elements = { 80 : drop, 22 : accept }", "tcp dport vmap @p", 'a'},
	    {"map", "elements = { 22 comment \"x\" : jump x, 80 : drop }", "tcp dport vmap @p",
	     'a'},
	    {"map", "elements = { 22 : drop, 80 : accept }", "tcp dport vmap @p", 'd'},
	    {"map", "elements = { 80 : accept }", "tcp dport vmap @p", 'D'},
	    {"map", "elements = { 10.0.0.1 : accept }", "ip saddr vmap @p", 'D'},
	    {"map", "elements = { \"eth0\" : accept }", "iifname vmap @p", 'a'},
	    {"map", "elements = { tcp . 22 : goto x }", "meta l4proto . th dport vmap @p", 'a'},
	    {"map", "elements = { 1 : drop, 2 : accept }", "ct mark vmap @p", 'a'},
	    {"counter", "packets 1 bytes 2", "counter name \"p\" accept", 'a'},
	    {"limit", "rate 1/second", "limit name \"p\" accept", 'a'},
	    {"set", "elements = { 22 }", "meta l4proto . th dport { tcp . 80 } accept", 'D'},
	    {"set", "elements = { 22 }", "meta l4proto . th dport { tcp . 80, tcp . 22 } accept",
	     'a'},
	    {"set", "elements = { 22 }", "fib daddr type local accept", 'a'},
	    {"set", "elements = { 22 }", "fib daddr . iif type != local drop", 'D'},
	    {"set", "elements = { 22 }", "fib daddr type { broadcast, multicast } accept", 'D'},
	    {"set", "elements = { 22 }", "meta pkttype host accept", 'a'},
	    {"set", "elements = { 22 }", "meta pkttype { broadcast, multicast } accept", 'D'},
	    {"set", "elements = { 22 }", "ct mark set 0x00000001 tcp dport 22 drop", 'd'},
	};
	(void)state;
	config.firewall = CONFIG_NFT;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text;
		assert_true(
		    asprintf(&text,
			     "table inet f {\n\t%s p {\n\t\t%s\n\t}\n\tchain x {\n\t\taccept\n\t}\n"
			     "\tchain input {\n\t\ttype filter hook input priority 0; policy "
			     "drop;\n\t\t%s\n\t}\n}\n",
			     cases[i].kind, cases[i].has, cases[i].rule) > 0);
		struct ruleset ruleset = {.outward = &one};
		assert_int_equal(ruleset_add_nft(&ruleset, text, NULL), 0);
		char got = fate(&ruleset, ssh);
		if (got != cases[i].end)
			fail_msg("%s: %s: %c, not %c", cases[i].has, cases[i].rule, got,
				 cases[i].end);
		ruleset_free(&ruleset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_iptables, set_up),
	    cmocka_unit_test_setup(test_strings, set_up),
	    cmocka_unit_test_setup(test_interfaces, set_up),
	    cmocka_unit_test_setup(test_destinations, set_up),
	    cmocka_unit_test_setup(test_nft, set_up),
	    cmocka_unit_test_setup(test_forwarded, set_up),
	    cmocka_unit_test_setup(test_partly, set_up),
	    cmocka_unit_test_setup(test_named, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
