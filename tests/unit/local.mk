# unit: one program a module, with cmocka.
UNIT_LIBS = lib/libpostern.la $(CMOCKA_LIBS) $(GCRYPT_LIBS)
unit_programs =

# lib
unit_programs += tests/unit/test-error
tests_unit_test_error_SOURCES = tests/unit/test-error.c tests/unit/unit.h
tests_unit_test_error_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-number
tests_unit_test_number_SOURCES = tests/unit/test-number.c tests/unit/unit.h
tests_unit_test_number_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-address
tests_unit_test_address_SOURCES = tests/unit/test-address.c tests/unit/unit.h
tests_unit_test_address_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-network
tests_unit_test_network_SOURCES = tests/unit/test-network.c tests/unit/unit.h
tests_unit_test_network_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-portset
tests_unit_test_portset_SOURCES = tests/unit/test-portset.c tests/unit/unit.h
tests_unit_test_portset_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-door
tests_unit_test_door_SOURCES = tests/unit/test-door.c tests/unit/unit.h
tests_unit_test_door_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-when
tests_unit_test_when_SOURCES = tests/unit/test-when.c tests/unit/unit.h
tests_unit_test_when_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-encoding
tests_unit_test_encoding_SOURCES = tests/unit/test-encoding.c tests/unit/unit.h
tests_unit_test_encoding_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-reader
tests_unit_test_reader_SOURCES = tests/unit/test-reader.c tests/unit/unit.h
tests_unit_test_reader_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-name
tests_unit_test_name_SOURCES = tests/unit/test-name.c tests/unit/unit.h
tests_unit_test_name_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-token
tests_unit_test_token_SOURCES = tests/unit/test-token.c tests/unit/unit.h
tests_unit_test_token_LDADD = $(UNIT_LIBS)
unit_programs += tests/unit/test-keys
tests_unit_test_keys_SOURCES = tests/unit/test-keys.c tests/unit/unit.h
tests_unit_test_keys_LDADD = $(UNIT_LIBS)
tests_unit_test_keys_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=strdup
unit_programs += tests/unit/test-wipe
tests_unit_test_wipe_SOURCES = tests/unit/test-wipe.c tests/unit/unit.h
tests_unit_test_wipe_LDADD = $(UNIT_LIBS)

# lib: what its objects are linked of
dist_check_SCRIPTS += %D%/lib-symbols
TESTS += %D%/lib-symbols

# lib: cryptography and judgement
unit_programs += %D%/test-crypto %D%/test-siv %D%/test-knock %D%/test-log %D%/test-accept \
	%D%/test-accept-claims %D%/test-ask %D%/test-check
%C%_test_accept_SOURCES = %D%/test-accept.c
%C%_test_accept_LDADD = $(UNIT_LIBS)
%C%_test_accept_claims_SOURCES = %D%/test-accept-claims.c
%C%_test_accept_claims_LDADD = $(UNIT_LIBS)
%C%_test_ask_SOURCES = %D%/test-ask.c
%C%_test_ask_LDADD = $(UNIT_LIBS)
%C%_test_check_SOURCES = %D%/test-check.c %D%/root.h
%C%_test_check_LDADD = $(UNIT_LIBS)
%C%_test_crypto_SOURCES = %D%/test-crypto.c
%C%_test_crypto_LDADD = $(UNIT_LIBS)
%C%_test_siv_SOURCES = %D%/test-siv.c
%C%_test_siv_LDADD = $(UNIT_LIBS)
%C%_test_knock_SOURCES = %D%/test-knock.c %D%/vectors.c %D%/vectors.h
%C%_test_knock_LDADD = $(UNIT_LIBS)
%C%_test_log_SOURCES = %D%/test-log.c
%C%_test_log_LDADD = $(UNIT_LIBS)
%C%_test_log_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=connect

# lib: the port sequence
unit_programs += %D%/test-sequence
%C%_test_sequence_SOURCES = %D%/test-sequence.c %D%/vectors.c %D%/vectors.h
%C%_test_sequence_LDADD = $(UNIT_LIBS)

# ulog
if DAEMON
unit_programs += %D%/test-packet
%C%_test_packet_SOURCES = %D%/test-packet.c
%C%_test_packet_LDADD = ulog/libulog.la $(UNIT_LIBS)
unit_programs += %D%/test-link
%C%_test_link_SOURCES = %D%/test-link.c
%C%_test_link_LDADD = ulog/libulog.la $(UNIT_LIBS)
unit_programs += %D%/test-follow
%C%_test_follow_SOURCES = %D%/test-follow.c
%C%_test_follow_LDADD = $(SOURCE_LIBS) $(UNIT_LIBS)
%C%_test_follow_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=splice
unit_programs += %D%/test-logline
%C%_test_logline_SOURCES = %D%/test-logline.c
%C%_test_logline_LDADD = ulog/libulog.la $(UNIT_LIBS)
if PCRE2
unit_programs += %D%/test-pattern
%C%_test_pattern_SOURCES = %D%/test-pattern.c
%C%_test_pattern_LDADD = $(SOURCE_LIBS) $(UNIT_LIBS)
endif
if PCAP
unit_programs += %D%/test-live
%C%_test_live_SOURCES = %D%/test-live.c
%C%_test_live_LDADD = $(SOURCE_LIBS) $(UNIT_LIBS)
%C%_test_live_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=recvmsg
endif
unit_programs += %D%/test-nflog
%C%_test_nflog_SOURCES = %D%/test-nflog.c
%C%_test_nflog_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS)
%C%_test_nflog_LDADD = $(SOURCE_LIBS) $(UNIT_LIBS)
%C%_test_nflog_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=recvmsg -Wl,--wrap=mnl_socket_sendto \
	-Wl,--wrap=mnl_socket_recvfrom
endif

# daemon
if DAEMON
DAEMON_LIBS = daemon/libdaemon.la lib/libpostern.la $(GCRYPT_LIBS)
unit_programs += tests/unit/test-msg
tests_unit_test_msg_SOURCES = tests/unit/test-msg.c tests/unit/unit.h
tests_unit_test_msg_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
unit_programs += tests/unit/test-config
tests_unit_test_config_SOURCES = tests/unit/test-config.c
tests_unit_test_config_LDADD = $(DAEMON_LIBS) $(CONFUSE_LIBS)
unit_programs += tests/unit/test-sandbox
tests_unit_test_sandbox_SOURCES = tests/unit/test-sandbox.c tests/unit/unit.h
tests_unit_test_sandbox_LDADD = $(DAEMON_LIBS) $(SECCOMP_LIBS) $(CMOCKA_LIBS)
unit_programs += tests/unit/test-spawn
tests_unit_test_spawn_SOURCES = tests/unit/test-spawn.c tests/unit/root.h tests/unit/unit.h
tests_unit_test_spawn_LDADD = $(DAEMON_LIBS) $(SECCOMP_LIBS) $(CMOCKA_LIBS)
unit_programs += tests/unit/test-children
%C%_test_children_SOURCES = %D%/test-children.c %D%/unit.h daemon/children.c daemon/host.c \
	daemon/sources.c daemon/supply.c
%C%_test_children_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS)
%C%_test_children_LDADD = daemon/libdaemon.la $(SOURCE_LIBS) lib/libpostern.la $(CONFUSE_LIBS) $(MNL_LIBS) \
	$(CMOCKA_LIBS)
%C%_test_children_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clocks_boot_ms
unit_programs += tests/unit/test-capture
tests_unit_test_capture_SOURCES = tests/unit/test-capture.c tests/unit/root.h tests/unit/unit.h
tests_unit_test_capture_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
endif

# daemon/firewall
if DAEMON
FIREWALL_LIBS = daemon/firewall/libbackend.la lib/libpostern.la $(IPTC_LIBS) $(CMOCKA_LIBS)
unit_programs += %D%/test-order %D%/test-living %D%/test-batch %D%/test-sets
%C%_test_order_SOURCES = %D%/test-order.c
%C%_test_order_LDADD = $(FIREWALL_LIBS)
%C%_test_living_SOURCES = %D%/test-living.c
%C%_test_living_LDADD = $(FIREWALL_LIBS)
%C%_test_batch_SOURCES = %D%/test-batch.c
%C%_test_batch_LDADD = $(FIREWALL_LIBS)
%C%_test_batch_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clocks_boot_ms
%C%_test_sets_SOURCES = %D%/test-sets.c
%C%_test_sets_LDADD = $(FIREWALL_LIBS)
endif

# daemon/auth
unit_programs += tests/unit/test-hash
tests_unit_test_hash_SOURCES = tests/unit/test-hash.c tests/unit/unit.h
tests_unit_test_hash_LDADD = $(UNIT_LIBS)
if DAEMON
unit_programs += tests/unit/test-record
tests_unit_test_record_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_record_SOURCES = tests/unit/test-record.c tests/unit/unit.h
tests_unit_test_record_LDADD = $(UNIT_LIBS) $(SQLITE_LIBS)
unit_programs += %D%/test-grant %D%/test-policy %D%/test-store %D%/test-rows %D%/test-control %D%/test-admin \
	%D%/test-tell %D%/test-noise %D%/test-judge
%C%_test_tell_SOURCES = %D%/test-tell.c %D%/loglines.h
%C%_test_tell_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
%C%_test_noise_SOURCES = %D%/test-noise.c %D%/loglines.h
%C%_test_noise_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
%C%_test_judge_SOURCES = %D%/test-judge.c %D%/loglines.h
%C%_test_judge_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
%C%_test_control_SOURCES = %D%/test-control.c %D%/asking.h
%C%_test_control_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
%C%_test_control_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getsockopt
%C%_test_admin_SOURCES = %D%/test-admin.c %D%/asking.h
%C%_test_admin_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
%C%_test_admin_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getsockopt
%C%_test_grant_SOURCES = %D%/test-grant.c
%C%_test_grant_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
%C%_test_policy_SOURCES = %D%/test-policy.c
%C%_test_policy_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
%C%_test_rows_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
%C%_test_rows_SOURCES = %D%/test-rows.c
%C%_test_rows_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
%C%_test_store_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
%C%_test_store_SOURCES = %D%/test-store.c
%C%_test_store_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
endif
unit_programs += %D%/test-gather
%C%_test_gather_SOURCES = %D%/test-gather.c daemon/auth/gather.c daemon/auth/gather.h
%C%_test_gather_LDADD = $(UNIT_LIBS)
if DAEMON
unit_programs += %D%/test-login
%C%_test_login_SOURCES = %D%/test-login.c
%C%_test_login_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
endif

# pam
if PAM
unit_programs += %D%/test-pam
%C%_test_pam_SOURCES = %D%/test-pam.c
%C%_test_pam_LDFLAGS = -export-dynamic
%C%_test_pam_LDADD = $(CMOCKA_LIBS) $(PAM_LIBS)
unit_programs += %D%/test-pam-load
%C%_test_pam_load_SOURCES = %D%/test-pam-load.c %D%/root.h
%C%_test_pam_load_CFLAGS = $(AM_CFLAGS) -pthread
%C%_test_pam_load_LDADD = $(CMOCKA_LIBS) $(PAM_LIBS)
endif

# client
unit_programs += tests/unit/test-table
tests_unit_test_table_SOURCES = tests/unit/test-table.c tests/unit/unit.h
tests_unit_test_table_LDADD = client/libclient.la $(UNIT_LIBS)

unit_programs += %D%/test-say
%C%_test_say_SOURCES = %D%/test-say.c
%C%_test_say_LDADD = client/libclient.la $(UNIT_LIBS)

if DAEMON
unit_programs += %D%/test-counters
%C%_test_counters_SOURCES = %D%/test-counters.c
%C%_test_counters_LDADD = client/firewall/libhostrules.la client/libclient.la daemon/libdaemon.la $(UNIT_LIBS) \
	$(GCRYPT_LIBS) $(CONFUSE_LIBS)
unit_programs += %D%/test-lines
%C%_test_lines_SOURCES = %D%/test-lines.c
%C%_test_lines_LDADD = client/firewall/libhostrules.la client/libclient.la daemon/libdaemon.la $(UNIT_LIBS) \
	$(GCRYPT_LIBS) $(CONFUSE_LIBS)
unit_programs += %D%/test-rule
%C%_test_rule_SOURCES = %D%/test-rule.c %D%/tracing.h
%C%_test_rule_LDADD = client/firewall/libhostrules.la client/libclient.la daemon/libdaemon.la $(UNIT_LIBS) \
	$(GCRYPT_LIBS) $(CONFUSE_LIBS)
unit_programs += %D%/test-trace
%C%_test_trace_SOURCES = %D%/test-trace.c %D%/tracing.h
%C%_test_trace_LDADD = client/firewall/libhostrules.la client/libclient.la daemon/libdaemon.la $(UNIT_LIBS) \
	$(GCRYPT_LIBS) $(CONFUSE_LIBS)
endif

if CMOCKA
check_PROGRAMS += $(unit_programs)
TESTS += $(unit_programs)
endif
EXTRA_DIST += tests/vectors/knock-v1.json tests/conf
