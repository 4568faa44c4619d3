# firewall: the process that edits the kernel's table. The backends are a library of their own, for
# the tests that drive them without the process.
noinst_LTLIBRARIES += %D%/libbackend.la
%C%_libbackend_la_CPPFLAGS = $(AM_CPPFLAGS) $(IPTC_CFLAGS) $(IPSET_CFLAGS) $(NFTABLES_CFLAGS) \
	$(MNL_CFLAGS)
%C%_libbackend_la_SOURCES = \
	%D%/backend.c %D%/backend.h \
	%D%/batch.c %D%/batch.h \
	%D%/family.c %D%/family.h \
	%D%/iptc.c %D%/iptc.h \
	%D%/iptc4.c %D%/iptc4.h \
	%D%/iptc6.c %D%/iptc6.h \
	%D%/iptclock.c %D%/iptclock.h \
	%D%/iptcrule.c %D%/iptcrule.h \
	%D%/ipsetdump.c %D%/ipsetdump.h \
	%D%/living.c %D%/living.h \
	%D%/nftdump.c %D%/nftdump.h \
	%D%/nftwrite.c %D%/nftwrite.h \
	%D%/none.c %D%/none.h \
	%D%/order.c %D%/order.h \
	%D%/sets.c %D%/sets.h
BACKEND_LIBS = %D%/libbackend.la daemon/libdaemon.la lib/libpostern.la $(IPTC_LIBS)
if IPSET
%C%_libbackend_la_SOURCES += %D%/ipset.c %D%/ipset.h
BACKEND_LIBS += $(IPSET_LIBS) $(MNL_LIBS)
endif
if NFTABLES
%C%_libbackend_la_SOURCES += %D%/nft.c %D%/nft.h
BACKEND_LIBS += $(NFTABLES_LIBS) $(MNL_LIBS)
endif

pkglibexec_PROGRAMS += %D%/postern-firewall
%C%_postern_firewall_SOURCES = %D%/firewall.c
%C%_postern_firewall_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
%C%_postern_firewall_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
%C%_postern_firewall_LDADD = $(BACKEND_LIBS) $(SECCOMP_LIBS)
