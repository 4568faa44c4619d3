# unit: one program a module, with cmocka.
UNIT_LIBS = lib/libpostern.la $(CMOCKA_LIBS) $(GCRYPT_LIBS)
unit_programs =

# lib

# ulog

# daemon

# daemon/firewall

# daemon/auth

# client

if CMOCKA
check_PROGRAMS += $(unit_programs)
TESTS += $(unit_programs)
endif
EXTRA_DIST += tests/vectors/knock-v1.json
