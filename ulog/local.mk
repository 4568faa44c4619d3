# ulog: where packets come from.
noinst_LTLIBRARIES += %D%/libulog.la
%C%_libulog_la_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS) $(NFLOG_CFLAGS) $(PCAP_CFLAGS) $(PCRE2_CFLAGS)
%C%_libulog_la_SOURCES = \
	%D%/packet.c %D%/packet.h \
	%D%/link.c %D%/link.h \
	%D%/source.c %D%/source.h \
	%D%/nflog.c %D%/nflog.h \
	%D%/logtext.c %D%/logtext.h \
	%D%/logline.c %D%/logline.h \
	%D%/follow.c %D%/follow.h
# What a program that opens or reads sources is linked with.
SOURCE_LIBS = ulog/libulog.la $(NFLOG_LIBS) $(MNL_LIBS)

if PCAP
%C%_libulog_la_SOURCES += \
	%D%/portfilter.c %D%/portfilter.h \
	%D%/live.c %D%/live.h \
	%D%/savefile.c %D%/savefile.h
SOURCE_LIBS += $(PCAP_LIBS)
endif

if PCRE2
%C%_libulog_la_SOURCES += %D%/pattern.c %D%/pattern.h
SOURCE_LIBS += $(PCRE2_LIBS)
endif
