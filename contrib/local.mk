# contrib: examples, and files for other programs.
dist_doc_DATA += %D%/examples/postern.conf %D%/fail2ban/postern-filter.conf %D%/fail2ban/postern-jail.conf
firewalldocdir = $(docdir)/firewall
dist_firewalldoc_DATA = %D%/firewall/iptables.rules %D%/firewall/ip6tables.rules %D%/firewall/raw.rules \
	%D%/firewall/nftables.conf %D%/firewall/ufw.before.rules %D%/firewall/ufw.before6.rules \
	%D%/firewall/ufw.before.init
firewallddocdir = $(docdir)/firewall/firewalld
dist_firewallddoc_DATA = %D%/firewall/firewalld/direct.xml %D%/firewall/firewalld/postern4.xml \
	%D%/firewall/firewalld/postern6.xml
EXTRA_DIST += %D%/systemd/posternd.service.in
if DAEMON
doc_DATA = %D%/systemd/posternd.service
CLEANFILES += %D%/systemd/posternd.service
%D%/systemd/posternd.service: %D%/systemd/posternd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed 's,[@]sbindir[@],$(sbindir),g' $(srcdir)/contrib/systemd/posternd.service.in > $@
endif

# What the shells complete, the programs tell (--complete); so these files need no list, and fit any
# version of them.
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
bashcomp_DATA = %D%/completion/postern
dist_zshcomp_DATA = %D%/completion/_postern
if DAEMON
bashcomp_DATA += %D%/completion/posternctl
endif
EXTRA_DIST += %D%/completion/bash
CLEANFILES += $(bashcomp_DATA)
$(bashcomp_DATA): %D%/completion/bash
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp $(srcdir)/contrib/completion/bash $@
