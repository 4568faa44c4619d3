# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts that test command lines begin with: TAP, a folder of their own that goes away
# again, and a look at what a command printed. $builddir and $srcdir come from make.
builddir=${builddir:-.}
srcdir=${srcdir:-.}
tap_count=0
umask 022

work=$(mktemp -d "${TMPDIR:-/tmp}/postern-test.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

# A condition and its description: check "is blue" [ "$colour" = blue ]
check()
{
	tap_count=$((tap_count + 1))
	tap_name=$1
	shift
	if "$@"; then
		echo "ok $tap_count - $tap_name"
	else
		echo "not ok $tap_count - $tap_name"
		[ ! -f "$work/out" ] || sed 's/^/# out: /' "$work/out"
		[ ! -f "$work/err" ] || sed 's/^/# err: /' "$work/err"
	fi
}

skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# Runs a command and keeps what it printed and its exit code.
run()
{
	"$@" >"$work/out" 2>"$work/err"
	code=$?
}

is() { [ "$1" = "$2" ] || { echo "# '$1' is not '$2'"; false; }; }
out_has() { grep -q -e "$1" "$work/out"; }
err_has() { grep -q -e "$1" "$work/err"; }
silent() { [ ! -s "$work/out" ] && [ ! -s "$work/err" ]; }

# One error: exit code, words that it must hold, one line, and nothing on standard output.
check_error()
{
	tap_want=$1 tap_words=$2
	shift 2
	run "$@"
	check "error $tap_want: $tap_words" error_was "$tap_want" "$tap_words"
}

error_was()
{
	is "$code" "$1" && err_has "$2" && is "$(wc -l <"$work/err")" 1 && [ ! -s "$work/out" ]
}

# What was printed is JSON, of which this is true (v is the value).
check_json()
{
	if have_python; then
		check "$1" json_is "$2"
	else
		skip "$1" "needs python3"
	fi
}

json_is()
{
	python3 -c 'import json, sys
v = json.load(sys.stdin)
assert '"$1"', v' <"$work/out"
}

plan()
{
	echo "1..$tap_count"
}

have_python() { command -v python3 >/dev/null; }
can_unshare() { unshare -rn true 2>/dev/null; }
