# client/firewall: the host's own firewall, for `posternctl firewall` and the doctor: what is there, what it
# does to a packet, what Postern needs, and how that is put in and taken back. A library, for the tests.
noinst_LTLIBRARIES += %D%/libhostrules.la
%C%_libhostrules_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/client
%C%_libhostrules_la_SOURCES = \
	%D%/backends.c %D%/backends.h \
	%D%/boot.c %D%/boot.h \
	%D%/common.c %D%/common.h \
	%D%/counters.c %D%/counters.h \
	%D%/edits.c %D%/edits.h \
	%D%/effect.c %D%/effect.h \
	%D%/foreign.c %D%/foreign.h \
	%D%/guard.c %D%/guard.h \
	%D%/holder.c %D%/holder.h \
	%D%/intake.c %D%/intake.h \
	%D%/links.c %D%/links.h \
	%D%/logfile.c %D%/logfile.h \
	%D%/look.c %D%/look.h \
	%D%/outward.c %D%/outward.h \
	%D%/persist.c %D%/persist.h \
	%D%/placing.c %D%/placing.h \
	%D%/plan.c %D%/plan.h \
	%D%/program.c %D%/program.h \
	%D%/quote.c %D%/quote.h \
	%D%/rule.c %D%/rule.h \
	%D%/rule_iptables.c %D%/rule_iptables.h \
	%D%/fields.c %D%/fields.h \
	%D%/lines.c %D%/lines.h \
	%D%/moving.c %D%/moving.h \
	%D%/rule_nft.c %D%/rule_nft.h \
	%D%/rules.c %D%/rules.h \
	%D%/rules_firewalld.c %D%/rules_firewalld.h \
	%D%/rules_iptables.c %D%/rules_iptables.h \
	%D%/rules_nft.c %D%/rules_nft.h \
	%D%/rules_ufw.c %D%/rules_ufw.h \
	%D%/ruleset.c %D%/ruleset.h \
	%D%/saved.c %D%/saved.h \
	%D%/trace.c %D%/trace.h \
	%D%/trial.c %D%/trial.h \
	%D%/turn.c %D%/turn.h
