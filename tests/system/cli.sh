# SPDX-License-Identifier: GPL-2.0-or-later
# cli.sh: what the scripts that test command lines share, on top of lib.sh: a folder of their own,
# and a look at what a command printed.
# shellcheck shell=sh disable=SC2034,SC2154
. "${srcdir:-.}/tests/system/lib.sh"
umask 022
work=$(mktemp -d "${TMPDIR:-/tmp}/postern-test.XXXXXX") || bail 'no folder to work in'
trap 'finished=$?; rm -rf "$work"; exit $finished' EXIT
trap 'exit 1' HUP INT TERM

# check NAME CONDITION…: ok where it holds; else shows what the last command printed.
check()
{
	local name="$1"
	shift
	if "$@"; then
		ok "$name"
		return
	fi
	not_ok "$name"
	[ ! -f "$work/out" ] || sed 's/^/# out: /' "$work/out"
	[ ! -f "$work/err" ] || sed 's/^/# err: /' "$work/err"
}

# run COMMAND…: keeps what it printed, and its exit code in $code.
run()
{
	"$@" >"$work/out" 2>"$work/err"
	code=$?
}

# Conditions.
same() { [ "$1" = "$2" ] || { note "'$1' is not '$2'"; false; }; }
out_has() { grep -q -e "$1" "$work/out"; }
err_has() { grep -q -e "$1" "$work/err"; }
silent() { [ ! -s "$work/out" ] && [ ! -s "$work/err" ]; }
error_was()
{
	same "$code" "$1" && err_has "$2" && same "$(wc -l <"$work/err")" 1 && [ ! -s "$work/out" ]
}

# check_error CODE WORDS COMMAND…: it fails with this exit code and one line on standard error that has
# these words (a regular expression), and prints nothing else.
check_error()
{
	local want="$1" words="$2"
	shift 2
	run "$@"
	check "error $want: $words" error_was "$want" "$words"
}

# check_json NAME EXPRESSION: what was printed is JSON, of which this is true in Python (v is it).
check_json()
{
	if have_python; then
		check "$1" json_is "$2"
	else
		skip "$1" 'needs python3'
	fi
}

json_is()
{
	python3 -c 'import json, sys
v = json.load(sys.stdin)
assert '"$1"', v' <"$work/out"
}

# What the machine can do.
have_python() { command -v python3 >/dev/null; }
can_unshare() { unshare -rnm true 2>/dev/null; }
