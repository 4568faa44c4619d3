# SPDX-License-Identifier: GPL-2.0-or-later
# doctor.sh: what the tests of posternctl's doctor share, on top of host.sh: a fault is made, it is named,
# the remedy is run as it was printed, it is named no more.
# shellcheck shell=sh disable=SC3043,SC2034,SC2154
. "${srcdir:-.}/tests/system/host.sh"
remedy=
inside= # by which command the doctor is run, in a container, say

# doctor_programs: posternctl and posternd by their names, which remedies have
doctor_programs()
{
	mkdir "$T/bin"
	ln -s "$builddir/client/posternctl" "$T/bin/posternctl"
	cat >"$T/bin/posternd" <<-END
	#!/bin/sh
	exec "$builddir/daemon/posternd" -l "$T/libexec" -p "$T/posternd.pid" "\$@"
	END
	chmod 755 "$T/bin/posternd"
	PATH=$T/bin:$PATH
	: >"$T/before"
}

# state FILTER: what the doctor says, a line each that fits: "check level finding => remedy"
state()
{
	# shellcheck disable=SC2086 # a list
	server $inside posternctl doctor -f "${conf_other:-$conf}" >"$T/doctor" 2>"$T/doctor.log"
	echo $? >"$T/code"
	sed -n -e '/^    /d' -e 'N;s/^\([a-z]*\): \([a-z0-9-]*\): \(.*\)\n    /\2 \1 \3 => /p' "$T/doctor" >"$T/said"
	! grep -q "^$1" "$T/said" && return 1
	grep "^$1" "$T/said" | head -n 1
}

# finds PATTERN: it finds this (a pattern for "check level finding"); the remedy is in $remedy then.
finds()
{
	found=$(state "$1") || {
		echo "it finds only:"
		cat "$T/said" "$T/doctor.log"
		return 1
	}
	remedy=${found##* => }
}

# heals: the remedy, as it was printed, with a yes for who asks
heals()
{
	echo "remedy: $remedy"
	echo yes | server sh -c "$remedy"
}

# settled: what is found now was there before the next fault.
settled()
{
	state nothing
	sed 's/ => .*//' "$T/said" >"$T/before"
}

# breaks_nothing [PATTERN]: nothing is found that was not there before the fault, but this
breaks_nothing()
{
	sed 's/ => .*//' "$T/said" | grep -v -x -F -f "$T/before" | grep -v -e "^${1:-nothing}" >"$T/broken"
	sed 's/^/broken: /' "$T/broken"
	! [ -s "$T/broken" ]
}

# fault NAME PATTERN [LEFT]: what was done to the host just now is found, healed (by what is in $ran then), gone;
# and the remedy has left nothing else that was not there before, but what is right to be left (LEFT, a
# pattern).
fault()
{
	remedy=
	try "$1: named" finds "$2"
	ran=${remedy:=false}
	case $2 in
	*' wrong'*) is "$1: ... which is wrong" "$(cat "$T/code")" 1 ;;
	esac
	try "$1: ... the remedy runs" heals
	try "$1: ... and is one" ! finds "$2"
	try "$1: ... which breaks nothing else" breaks_nothing "${3:-}"
	sed 's/ => .*//' "$T/said" >"$T/before"
}

# edit SED-COMMAND: an editor, for remedies that need a person
edit()
{
	printf '#!/bin/sh\nsed -i "%s" "$1"\n' "$1" >"$T/bin/editor"
	chmod 755 "$T/bin/editor"
	EDITOR=$T/bin/editor
	export EDITOR
}
