# lib: the vocabulary. Without -lgcrypt here: a convenience library's LIBADD spreads to every program.
noinst_LTLIBRARIES += %D%/libpostern.la
%C%_libpostern_la_CPPFLAGS = $(AM_CPPFLAGS) $(GCRYPT_CFLAGS)
%C%_libpostern_la_SOURCES = \
	%D%/address.c %D%/address.h \
	%D%/door.c %D%/door.h \
	%D%/encoding.c %D%/encoding.h \
	%D%/error.c %D%/error.h \
	%D%/hash.c %D%/hash.h \
	%D%/keyline.c %D%/keyline.h \
	%D%/keys.c %D%/keys.h \
	%D%/name.c %D%/name.h \
	%D%/network.c %D%/network.h \
	%D%/number.c %D%/number.h \
	%D%/paths.h \
	%D%/portset.c %D%/portset.h \
	%D%/reader.c %D%/reader.h \
	%D%/sequence.c %D%/sequence.h \
	%D%/token.c %D%/token.h \
	%D%/when.c %D%/when.h

# The record needs SQLite, which a client alone does without. Who uses it links $(SQLITE_LIBS).
if DAEMON
%C%_libpostern_la_CPPFLAGS += $(SQLITE_CFLAGS)
%C%_libpostern_la_SOURCES += %D%/record.c %D%/record.h
endif

# cryptography and judgement
%C%_libpostern_la_SOURCES += \
	%D%/accept.c %D%/accept.h \
	%D%/ask.c %D%/ask.h \
	%D%/check.c %D%/check.h \
	%D%/crypto.c %D%/crypto.h \
	%D%/siv.c %D%/siv.h \
	%D%/knock.c %D%/knock.h \
	%D%/log.c %D%/log.h
