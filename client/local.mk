# client: postern, which anybody may run and which needs libgcrypt alone, and posternctl, which keeps
# a server's keys and asks its daemon.
bin_PROGRAMS += %D%/postern
%C%_postern_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
%C%_postern_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
%C%_postern_LDADD = lib/libpostern.la $(GCRYPT_LIBS)
%C%_postern_SOURCES = \
	%D%/enrolment.c %D%/enrolment.h \
	%D%/file.c %D%/file.h \
	%D%/folder.c %D%/folder.h \
	%D%/lasttime.c %D%/lasttime.h \
	%D%/postern.c %D%/postern.h \
	%D%/postern_knock.c %D%/postern_knock.h \
	%D%/postern_store.c %D%/postern_store.h \
	%D%/say.c %D%/say.h \
	%D%/send.c %D%/send.h \
	%D%/table.c %D%/table.h \
	%D%/verb.c %D%/verb.h
