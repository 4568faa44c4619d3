# capture: without keys, files and privilege.
pkglibexec_PROGRAMS += %D%/postern-capture
%C%_postern_capture_SOURCES = %D%/capture.c %D%/capture.h
%C%_postern_capture_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
%C%_postern_capture_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
%C%_postern_capture_LDADD = daemon/libdaemon.la $(SOURCE_LIBS) lib/libpostern.la $(SECCOMP_LIBS)
