# ulog: where packets come from.
noinst_LTLIBRARIES += %D%/libulog.la
%C%_libulog_la_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS) $(NFLOG_CFLAGS)
%C%_libulog_la_SOURCES = \
	%D%/packet.c %D%/packet.h \
	%D%/source.c %D%/source.h \
	%D%/nflog.c %D%/nflog.h
# What a program that opens or reads sources is linked with.
SOURCE_LIBS = ulog/libulog.la $(NFLOG_LIBS) $(MNL_LIBS)
