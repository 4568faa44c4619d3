# pam: who asks whether an address has knocked.
sbin_PROGRAMS += %D%/postern-tcpd
%C%_postern_tcpd_SOURCES = %D%/tcpd.c
%C%_postern_tcpd_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
%C%_postern_tcpd_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
%C%_postern_tcpd_LDADD = lib/libpostern.la

if PAM
pam_LTLIBRARIES += %D%/pam_postern.la
# Its own few files of lib, since a module takes in the whole of a convenience library.
%C%_pam_postern_la_SOURCES = %D%/pam_postern.c lib/address.c lib/ask.c lib/check.c lib/door.c \
	lib/encoding.c lib/error.c lib/network.c lib/number.c lib/when.c
%C%_pam_postern_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-export-symbols-regex '^pam_sm_'
%C%_pam_postern_la_LIBADD = $(PAM_LIBS)

# Who removes a module that PAM still asks for shuts everybody out, himself first.
uninstall-hook:
	@files=$$(test -n "$(DESTDIR)" || grep -l '^[^#]*pam_postern\.so' /etc/pam.d/* 2>/dev/null) || :; \
	test -z "$$files" || printf '%s\n' "pam_postern.so is gone, but asked for in:" $$files \
		"take its line out before you log out, or nobody logs in that way" >&2
endif
