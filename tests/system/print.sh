# SPDX-License-Identifier: GPL-2.0-or-later
# print.sh: a source read by the test itself, through tests/system/source-print.
# shellcheck shell=sh disable=SC3043,SC2034,SC2154
source_print=$builddir/tests/system/source-print

# start_print NAME ARGUMENT…: a reader of this source, on the server; $print is its process.
start_print()
{
	local name="$1"
	shift
	: >"$T/$name"
	spawn server "$name" "$source_print" "$@"
	print=$pid
	wait_until 30 grep -qx ready "$T/$name"
}

# printed NAME LINE: that reader has printed it, or does soon
printed()
{
	wait_until 30 grep -qx -e "$2" "$T/$1"
}

# stop_print NAME: ends the reader; sets $packets, $datagrams and $lost.
stop_print()
{
	end "$print"
	read -r _ packets _ datagrams _ lost <<-END
	$(grep '^packets' "$T/$1")
	END
	note "$packets packets in $datagrams datagrams, lost $lost"
}
