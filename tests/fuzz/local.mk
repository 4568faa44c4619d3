# fuzz: a harness (LLVMFuzzerTestOneInput) a parser. Linked with replay.c, which feeds it every file
# of its corpus, it is a test; linked with libFuzzer (tests/fuzz/run) it is a fuzzer. A new target X
# is fuzz-X.c, a folder corpus/X with small inputs, and three lines here.
fuzz_programs =
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LIBS = lib/libpostern.la $(GCRYPT_LIBS)

# lib
fuzz_programs += tests/fuzz/fuzz-text
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz-text.c $(FUZZ_MAIN)
tests_fuzz_fuzz_text_LDADD = $(FUZZ_LIBS)
fuzz_programs += tests/fuzz/fuzz-token
tests_fuzz_fuzz_token_SOURCES = tests/fuzz/fuzz-token.c $(FUZZ_MAIN)
tests_fuzz_fuzz_token_LDADD = $(FUZZ_LIBS)
fuzz_programs += tests/fuzz/fuzz-keys
tests_fuzz_fuzz_keys_SOURCES = tests/fuzz/fuzz-keys.c $(FUZZ_MAIN)
tests_fuzz_fuzz_keys_LDADD = $(FUZZ_LIBS)

fuzz_programs += tests/fuzz/fuzz-sequence
tests_fuzz_fuzz_sequence_SOURCES = tests/fuzz/fuzz-sequence.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sequence_LDADD = $(FUZZ_LIBS)

fuzz_programs += tests/fuzz/fuzz-knock tests/fuzz/fuzz-accept tests/fuzz/fuzz-ask
tests_fuzz_fuzz_knock_SOURCES = tests/fuzz/fuzz-knock.c $(FUZZ_MAIN)
tests_fuzz_fuzz_knock_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_accept_SOURCES = tests/fuzz/fuzz-accept.c $(FUZZ_MAIN)
tests_fuzz_fuzz_accept_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_accept_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=knock_open,--wrap=knock_id
tests_fuzz_fuzz_ask_SOURCES = tests/fuzz/fuzz-ask.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ask_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_ask_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=connect

# client
fuzz_programs += tests/fuzz/fuzz-fields
tests_fuzz_fuzz_fields_SOURCES = tests/fuzz/fuzz-fields.c client/fields.c $(FUZZ_MAIN)
tests_fuzz_fuzz_fields_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/client
tests_fuzz_fuzz_fields_LDADD = $(FUZZ_LIBS)

# ulog
if DAEMON
fuzz_programs += tests/fuzz/fuzz-packet tests/fuzz/fuzz-nflog tests/fuzz/fuzz-link tests/fuzz/fuzz-log
tests_fuzz_fuzz_log_SOURCES = tests/fuzz/fuzz-log.c $(FUZZ_MAIN)
tests_fuzz_fuzz_log_LDADD = $(SOURCE_LIBS) $(FUZZ_LIBS)
tests_fuzz_fuzz_link_SOURCES = tests/fuzz/fuzz-link.c $(FUZZ_MAIN)
tests_fuzz_fuzz_link_LDADD = ulog/libulog.la $(FUZZ_LIBS)
tests_fuzz_fuzz_packet_SOURCES = tests/fuzz/fuzz-packet.c $(FUZZ_MAIN)
tests_fuzz_fuzz_packet_LDADD = ulog/libulog.la $(FUZZ_LIBS)
tests_fuzz_fuzz_nflog_SOURCES = tests/fuzz/fuzz-nflog.c $(FUZZ_MAIN)
tests_fuzz_fuzz_nflog_LDADD = $(SOURCE_LIBS) $(FUZZ_LIBS)
endif

# daemon
if DAEMON
fuzz_programs += tests/fuzz/fuzz-msg
tests_fuzz_fuzz_msg_SOURCES = tests/fuzz/fuzz-msg.c $(FUZZ_MAIN)
tests_fuzz_fuzz_msg_LDADD = daemon/libdaemon.la $(FUZZ_LIBS)
fuzz_programs += tests/fuzz/fuzz-config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c $(FUZZ_MAIN)
tests_fuzz_fuzz_config_LDADD = daemon/libdaemon.la $(FUZZ_LIBS) $(CONFUSE_LIBS)
fuzz_programs += tests/fuzz/fuzz-netlink
tests_fuzz_fuzz_netlink_SOURCES = tests/fuzz/fuzz-netlink.c $(FUZZ_MAIN)
tests_fuzz_fuzz_netlink_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS)
tests_fuzz_fuzz_netlink_LDADD = $(BACKEND_LIBS) $(MNL_LIBS)
fuzz_programs += tests/fuzz/fuzz-control
tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz-control.c $(FUZZ_MAIN)
tests_fuzz_fuzz_control_LDADD = daemon/auth/libauth.la $(FUZZ_LIBS)
fuzz_programs += tests/fuzz/fuzz-gather
tests_fuzz_fuzz_gather_SOURCES = tests/fuzz/fuzz-gather.c $(FUZZ_MAIN)
tests_fuzz_fuzz_gather_LDADD = daemon/auth/libauth.la $(FUZZ_LIBS)
tests_fuzz_fuzz_gather_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sequence_decode
endif

# client
if DAEMON
fuzz_programs += tests/fuzz/fuzz-ruleset
tests_fuzz_fuzz_ruleset_SOURCES = tests/fuzz/fuzz-ruleset.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ruleset_LDADD = client/firewall/libhostrules.la client/libclient.la daemon/libdaemon.la \
	$(FUZZ_LIBS) $(CONFUSE_LIBS)
endif

check_PROGRAMS += $(fuzz_programs)
TESTS += $(fuzz_programs)
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/run
