# fuzz: a harness (LLVMFuzzerTestOneInput) a parser. Linked with replay.c, which feeds it every file
# of its corpus, it is a test; linked with libFuzzer (tests/fuzz/run) it is a fuzzer.
fuzz_programs =

# lib

# ulog

# daemon

check_PROGRAMS += $(fuzz_programs)
TESTS += $(fuzz_programs)
EXTRA_DIST += tests/fuzz/corpus
