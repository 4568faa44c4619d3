/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of packets on their way through the chains, and what of that Postern needs.
 */
#include "tracing.h"

#include <stdlib.h>
#include <string.h>

#include "../../client/firewall/effect.h"
#include "../../client/firewall/look.h"

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

/* Two base chains that lead to one: what it lets in it lets in twice. */
static void test_shared(void **state)
{
	static const char *const rules[] = {"tcp dport 22 accept", "jump more"};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char line[200];
		snprintf(line, sizeof line,
			 "\t\tjump pub\n\t}\n\tchain pub {\n\t\t%s\n\t}\n\tchain more {\n"
			 "\t\taccept\n\t}\n\tchain early {\n\t\ttype filter hook prerouting "
			 "priority mangle; policy accept;\n\t\tjump pub\n",
			 rules[i]);
		struct ruleset ruleset = nft(line);
		assert_int_equal(fate(&ruleset, ssh), 'a');
		assert_int_equal(fate(&ruleset, knock), i == 0 ? 'D' : 'a');
		ruleset_free(&ruleset);
	}
}

/* What others make of the mark by which filter knows whom mangle has let in. */
static void test_marks(void **state)
{
	static const struct {
		const char *before, *after, *nft; /* of Postern's chain */
		char stranger, granted;
	} cases[] = {
	    {"-A INPUT -j MARK --set-xmark 0x10000/0xffffffff\n", "", "0x00010000", 'a', 'a'},
	    {"-A INPUT -j MARK --set-xmark 0x10000/0x10000\n", "", "meta mark | 0x00010000", 'a',
	     'a'},
	    {"", "-A INPUT -j MARK --set-xmark 0x1/0xffffffff\n", "0x00000001", 'D', 'D'},
	    {"", "-A INPUT -j MARK --set-xmark 0x1/0xff\n", "meta mark & 0xff | 0x00010001", 'D',
	     'a'},
	    {"-A INPUT -j MARK --set-xmark 0x0/0xffffffff\n", "", "ct mark", 'D', 'a'},
	    {"-A INPUT -s 10.0.0.1 -j MARK --set-xmark 0x10000/0xffffffff\n", "",
	     "meta mark & 0x000000ff", 'D', 'a'},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *mangle, line[200];
		struct ruleset ruleset =
		    legacy("-A INPUT -m mark --mark 0x10000/0x10000 -j ACCEPT\n", "");
		assert_true(asprintf(&mangle,
				     "*mangle\n:INPUT ACCEPT [0:0]\n:POSTERN - [0:0]\n%s"
				     "-A INPUT -m conntrack --ctstate NEW -j POSTERN\n%s",
				     cases[i].before, cases[i].after) > 0);
		assert_int_equal(
		    ruleset_add_iptables(&ruleset, mangle, RULESET_LEGACY, RULESET_V4, NULL), 0);
		assert_int_equal(fate(&ruleset, ssh), cases[i].stranger);
		assert_int_equal(fate(&ruleset, granted(ssh)), cases[i].granted);
		struct rule_packet packet = granted(ssh);
		struct trace_result result = trace_packet(&ruleset, &packet, &config, NULL, NULL);
		assert_int_equal(result.marks != NULL,
				 cases[i].stranger == 'a' || cases[i].granted == 'D');
		ruleset_free(&ruleset);
		snprintf(
		    line, sizeof line,
		    "\t\tmeta mark set %s # handle 3\n\t\tmeta mark & 0x00010000 == 0x00010000 "
		    "accept # handle 4\n",
		    cases[i].nft);
		ruleset = nft(line);
		bool sets = strstr(cases[i].nft, "0001000") != NULL;
		assert_int_equal(fate(&ruleset, ssh), sets ? 'a' : 'D');
		ruleset_free(&ruleset);
	}
}

/* Of what is not tracked no state is that of a connection. */
static void test_untracked(void **state)
{
	static const char rules[] = "-A INPUT -m conntrack --ctstate %s -j ACCEPT\n";
	static const char *const raws[] = {"CT --notrack", "NOTRACK", "CT --zone 1"};
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		char line[200], *raw;
		bool tracked = i / 2 == 2;
		snprintf(line, sizeof line, rules, i % 2 == 0 ? "UNTRACKED" : "NEW");
		struct ruleset ruleset = legacy(line, "");
		assert_true(asprintf(&raw,
				     "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp "
				     "--dport 22 -j %s\n",
				     raws[i / 2]) > 0);
		assert_int_equal(
		    ruleset_add_iptables(&ruleset, raw, RULESET_LEGACY, RULESET_V4, NULL), 0);
		assert_int_equal(fate(&ruleset, ssh), tracked == (i % 2 == 1) ? 'a' : 'D');
		assert_int_equal(fate(&ruleset, knock), i % 2 == 1 ? 'a' : 'D');
		ruleset_free(&ruleset);
	}
	struct ruleset ruleset = nft("\t\tnotrack\n\t\tct state new drop\n\t\tct state untracked "
				     "accept\n");
	assert_int_equal(fate(&ruleset, ssh), 'a');
	ruleset_free(&ruleset);
}

/* No packet comes to the chains of a table that sleeps; they are there. */
static void test_dormant(void **state)
{
	static const char text[] =
	    "table inet f { # handle 1\n\t%s\n\n\tchain i {\n\t\ttype filter "
	    "hook input priority 0; policy drop;\n\t\tdrop\n\t}\n}\n"
	    "table inet g {\n\tchain i {\n\t}\n}\n";
	static const char *const flags[] = {"flags dormant", "flags owner,dormant",
					    "comment \"flags dormant\""};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct ruleset ruleset = {0};
		char *table;
		assert_true(asprintf(&table, text, flags[i]) > 0);
		assert_int_equal(ruleset_add_nft(&ruleset, table, NULL), 0);
		assert_int_equal(fate(&ruleset, ssh), i < 2 ? 'A' : 'd');
		ruleset_free(&ruleset);
	}
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
	assert_null(effect_second_way(&look, &config, RULESET_V4));
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
	    cmocka_unit_test_setup(test_ours, set_up),
	    cmocka_unit_test_setup(test_many_ways, set_up),
	    cmocka_unit_test_setup(test_chains, set_up),
	    cmocka_unit_test_setup(test_tables, set_up),
	    cmocka_unit_test_setup(test_priorities, set_up),
	    cmocka_unit_test_setup(test_shared, set_up),
	    cmocka_unit_test_setup(test_marks, set_up),
	    cmocka_unit_test_setup(test_untracked, set_up),
	    cmocka_unit_test_setup(test_dormant, set_up),
	    cmocka_unit_test_setup(test_effects, set_up),
	    cmocka_unit_test_setup(test_text, set_up),
	    cmocka_unit_test_setup(test_blame, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
