# SPDX-License-Identifier: GPL-2.0-or-later
# contract.sh: what every backend of the firewall's does, whatever the kernel calls it. The scripts
# 160-… define, for their backend:
#
#	options			what backend-drive is told of it
#	kind			what firewall-drive is told
#	rules			makes the server's rules: all is dropped, but what is open, and connections
#	clear			removes them, and what a daemon has left
#	elements 4|6		what is open as the kernel tells it: "ADDRESS PROTOCOL PORT", sorted
#	take_out 4|6		somebody else removes what is open for client's ssh
#	put_in 4|6		... opens ssh for 198.51.100.66 or 2001:db8:66::66
#	prolong			... lets client's ssh over IPv4 live for a day
#	destroy 4|6		... removes the chain, or the set, and what leads to it
#	lead_off 4|6		... removes what leads to it
#	others N		... makes change number N of the host's own rules; others_done: how many there are
#	narrow			the kernel takes no more than a few elements over IPv4, fewer than 50; or
#				$narrowly is what to run a program by, so that it is so for it
#	break_it		the next commits fail; mend_it: no more
#	locks			yes: the xtables lock is taken; held by another it is enough to fail
#
# and then call contract.
# shellcheck shell=sh disable=SC3043,SC2034,SC2154
. "$srcdir/tests/system/drive.sh"

drive()
{
	# shellcheck disable=SC2086 # several
	eval talk_to drive.log "${under:-}" '"$builddir/tests/system/backend-drive"' "$options"
}

# written NAME: the last command was done
written()
{
	try "$1" test "${said#*error=}" = "$said"
}

# open_is ELEMENT…: these and no others are, over both families
open_is()
{
	[ "$(elements 4; elements 6)" = "$(printf '%s\n' "$@")" ] || {
		elements 4
		elements 6
		return 1
	}
}

nothing_open()
{
	[ -z "$(elements 4; elements 6)" ]
}

counts()
{
	[ "$(elements 4 | wc -l)" = "$1" ]
}

# udp_answers ADDRESS: the client sends there, and something comes back.
udp_answers()
{
	client python3 "$srcdir/tests/system/net.py" ask "$1" 53
}

look_is()
{
	say look
	[ "${said%% *}" = "$1" ] || {
		echo "$said"
		return 1
	}
}

prepare()
{
	make_net client stranger
	spawn server listener.log python3 "$srcdir/tests/system/net.py" listen 22
	spawn server udp.log python3 "$srcdir/tests/system/net.py" answer 53
	uid=0
	! is_root || uid=64803
	mkdir -m 755 "$T/empty" "$T/libexec"
	cp "$builddir/daemon/firewall/postern-firewall" "$T/libexec/"
	rules || bail 'the rules were refused'
}

client4_ssh='192.0.2.2 tcp 22'
client6_ssh='2001:db8::2 tcp 22'

opens_and_closes()
{
	drive
	say rewrite
	written 'the first commit is done'
	try '... and opens nothing' nothing_open
	try 'shut: TCP over IPv4' reaches client 192.0.2.1 silent
	try '... over IPv6' reaches client 2001:db8::1 silent
	try '... UDP over IPv4' ! udp_answers 192.0.2.1
	try '... over IPv6' ! udp_answers 2001:db8::1
	say open 1 192.0.2.2 tcp/22 300000 alice
	say open 2 2001:db8::2 tcp/22 300000 alice
	say open 3 192.0.2.2 udp/53 300000 alice
	say open 4 2001:db8::2 udp/53 300000 alice
	say open 5 198.51.100.7 sctp/5000 300000 alice
	say commit
	is 'five orders: one commit a family' "$said" 'commits=2 orders=5 done=5 living=5'
	try 'they are listed' open_is "$client4_ssh" '192.0.2.2 udp 53' '198.51.100.7 sctp 5000' \
		"$client6_ssh" '2001:db8::2 udp 53'
	try 'open: TCP over IPv4' reaches client 192.0.2.1 open
	try '... over IPv6' reaches client 2001:db8::1 open
	try '... UDP over IPv4' wait_until 30 udp_answers 192.0.2.1
	try '... over IPv6' wait_until 30 udp_answers 2001:db8::1
	try 'shut for a stranger' reaches stranger 192.0.2.1 silent
	try 'a look finds it sound' look_is sound
	say close 1
	say close 4
	say close 5
	say commit
	is 'closed are three' "$said" 'commits=2 orders=3 done=3 living=2'
	try '... and no others' open_is '192.0.2.2 udp 53' "$client6_ssh"
	try '... TCP over IPv4 is shut' reaches client 192.0.2.1 silent
	try '... TCP over IPv6 is not' reaches client 2001:db8::1 open
	say close 77
	say commit
	is 'to close what is not open is no fault' "$said" 'commits=0 orders=1 done=1 living=2'
}

# Two grants, one door and address.
shares()
{
	say open 11 192.0.2.2 tcp/22 300000 alice
	say open 12 192.0.2.2 tcp/22 200000 bob
	say commit
	written 'two grants share a door'
	say close 11
	say commit
	try 'one is closed: it is open' reaches client 192.0.2.1 open
	try '... and sound' look_is sound
	say open 13 192.0.2.2 tcp/22 300000 carol
	say commit
	say close 13
	say close 12
	say commit
	try 'all are: it is shut' reaches client 192.0.2.1 silent
	say open 14 192.0.2.2 tcp/22 300000 alice
	say open 15 192.0.2.2 tcp/22 300000 bob
	say close 14
	say close 15
	say open 16 2001:db8::2 tcp/22 100000 carol
	say open 17 2001:db8::2 tcp/22 100000 dave
	say commit
	is 'opened and closed in one batch' "$said" 'commits=2 orders=6 done=6 living=4'
	try '... is shut' reaches client 192.0.2.1 silent
	try 'a look finds it sound' look_is sound
	say close 16
	say close 17
	say close 2
	say close 3
	say commit
	try 'all is closed' nothing_open
	hang_up
}

# The kernel's part. What ends does not need us, nor stay until we come.
expires()
{
	local ends
	drive
	say rewrite
	say open 5 2001:db8::2 udp/53 300000 alice
	say commit
	say open 6 2001:db8::2 tcp/22 400 brief
	say commit
	sleep 0.4
	try 'what lives shorter than can be counted is not open for longer' reaches client 2001:db8::1 silent
	ends=$(($(now_ms) + 6000))
	say open 1 192.0.2.2 tcp/22 6000 alice
	say open 2 2001:db8::2 tcp/22 6000 alice
	say open 3 192.0.2.2 udp/53 6000 alice
	say open 4 192.0.2.3 tcp/22 50 brief
	say open 5 2001:db8::2 udp/53 6000 alice
	say commit
	hang_up
	try 'with us killed: open over IPv4' reaches client 192.0.2.1 open
	try '... over IPv6' reaches client 2001:db8::1 open
	try '... UDP' wait_until 3 udp_answers 192.0.2.1
	try '... and what was ordered again' wait_until 3 udp_answers 2001:db8::1
	while [ "$(now_ms)" -lt "$ends" ]; do sleep 0.02; done
	try 'at their end: shut over IPv4' reaches client 192.0.2.1 silent
	try '... over IPv6' reaches client 2001:db8::1 silent
	try '... UDP' ! udp_answers 192.0.2.1
	try '... and what was ordered again has its new end' ! udp_answers 2001:db8::1
}

# What an earlier life, or an earlier boot with a saved ruleset, left behind.
restarts()
{
	drive
	say open 1 192.0.2.2 tcp/22 300000 alice
	say open 2 2001:db8::2 tcp/22 300000 alice
	say commit
	hang_up
	put_in 4
	try 'a daemon that is gone leaves what is open' reaches client 192.0.2.1 open
	drive
	try 'the next one changes nothing before it knows' reaches client 2001:db8::1 open
	say open 2 2001:db8::2 tcp/22 300000 alice
	say rewrite
	try '... then what lives still is open, and nothing else' open_is "$client6_ssh"
	try '... never having been shut' reaches client 2001:db8::1 open
	hang_up
	drive
	say rewrite
	try 'without any, nothing is' nothing_open
	hang_up
}

# changed NAME COMMAND…: after this a look finds a change, or what $found says, and it can be put right.
changed()
{
	local name="$1"
	shift
	"$@" || bail "cannot: $*"
	try "$name: a look finds it" look_is "${found:-changed}"
	say rewrite
	try '... it is put right' look_is "${mended:-sound}"
	try '... wholly' open_is "$client4_ssh" '198.51.100.7 udp 53' "$client6_ssh"
}

is_edited()
{
	drive
	say rewrite
	say open 1 192.0.2.2 tcp/22 300000 alice
	say open 2 2001:db8::2 tcp/22 300000 alice
	say open 3 198.51.100.7 udp/53 300000 alice
	say commit
	changed 'an element removed' take_out 4
	changed '... over IPv6' take_out 6
	changed 'one put in' put_in 4
	changed '... over IPv6' put_in 6
	changed 'one prolonged' prolong
	try 'the door is open' reaches client 192.0.2.1 open
	lead_off 4
	try 'nothing leads there: a look finds it' look_is no-jump
	is '... and a remedy' "$(echo "$said" | grep -c "\`.*'")" 1
	remedy=$(echo "$said" | sed "s/.*\`\(.*\)'.*/\1/")
	# shellcheck disable=SC2086 # words
	try '... which can be typed' server $remedy
	try '... and helps' look_is sound
	try '... indeed' reaches client 192.0.2.1 open
	found=gone mended=no-jump
	changed 'the chain, or the set, is gone' destroy 4
	changed '... over IPv6' destroy 6
	found='' mended=''
	hang_up
	clear
	rules
}

# Commits beside the edits of others, none of which is lost.
is_not_alone()
{
	local bad=0 i editor
	drive
	say rewrite
	(
		i=0
		while [ $i -lt 60 ]; do
			others $i || echo lost
			i=$((i + 1))
		done
	) >"$T/others.txt" 2>&1 &
	editor=$!
	i=0
	while [ $i -lt 100 ]; do
		i=$((i + 1))
		say open $((100 + i)) "10.2.0.$i" tcp/22 300000 many
		say commit
		case $said in *done=1*) ;; *) bad=$((bad + 1)) ;; esac
	done
	wait $editor
	is 'commits while another edits: each succeeds' "$bad" 0
	is '... each is there' "$(elements 4 | grep -c '^10\.2\.0\.')" 100
	is '... no edit is lost' "$(others_done)" 60
	is '... none was refused' "$(cat "$T/others.txt")" ''
	try '... and all is sound' look_is sound
	say rewrite
	is '... and an edit of ours touches none' "$(others_done)" 60
	hang_up
}

fails()
{
	drive
	say rewrite
	say open 1 2001:db8::2 tcp/22 300000 alice
	say commit
	hold_lock
	if [ "$locks" = no ]; then
		say open 3 198.51.100.7 udp/53 300000 alice
		say commit
		is 'whoever has the lock of xtables is not waited for' "$said" \
			'commits=1 orders=1 done=1 living=2'
		say close 3
		say commit
		end "$holder" KILL
	fi
	break_it
	say open 2 192.0.2.2 tcp/22 300000 alice
	say commit
	is 'a commit that cannot be done says so' "${said%%error=*}" 'commits=1 orders=1 done=0 living=1 '
	end "$holder" KILL
	mend_it
	try '... nothing has come of it' reaches client 192.0.2.1 silent
	say rewrite
	written '... and the next one is done'
	try '... and all is right' open_is "$client6_ssh"
	hang_up
	clear
	rules
	server "$builddir/tests/system/without-netfilter" "$builddir/tests/system/backend-drive" \
		"$@" </dev/null >"$T/none.txt" 2>&1
	is 'without the kernel'"'"'s module it does not start' $? 1
	try '... and says what to do' grep -q modprobe "$T/none.txt"
	cat "$T/none.txt"
}

# overflows FIRST: a hundred orders, some of which the kernel refuses; how many are open
overflows()
{
	say many "$1" 100 300000
	say commit
	fit=${said#*done=}
	fit=${fit%% *}
}

# What only the kernel can refuse: it has no room for all of them.
is_refused_in_part()
{
	under=${narrowly:-}
	drive
	under=
	say rewrite
	say open 1 192.0.2.2 tcp/22 300000 alice
	say open 2 2001:db8::2 tcp/22 300000 alice
	say commit
	narrow
	say close 1
	overflows 1000
	try 'what the kernel has room for is opened' test "$fit" -gt 1 -a "$fit" -lt 50
	try '... the others are not, and it is told' eval 'echo "$said" | grep -q " orders=101 .*error=cannot"'
	try '... what the kernel has is what was answered' counts $((fit - 1))
	is '... what was to be closed is' "$(elements 4 | grep -c '^192')" 0
	is '... and the other family as it was' "$(elements 6)" "$client6_ssh"
	fit=$((fit - 1))
	first=$fit
	for number in $(seq 1000 $((999 + fit))); do say close $number; done
	say commit
	try 'closed, they are gone' counts 0
	say many 2000 "$first" 300000
	say commit
	try '... and as many others fit' counts "$first"
	hang_up
	clear
	rules
}

# The same by postern-firewall, locked down: 1,000 orders, and what it does by itself.
is_confined()
{
	talk_to firewall.log "$builddir/tests/system/firewall-drive" "$T/libexec/postern-firewall" \
		"$kind" "$T/empty" "$uid"
	say pid
	firewall=$said
	say open 1 192.0.2.2 tcp/22 300000 alice
	say restored 1
	say acks 1 10000
	is 'postern-firewall restores' "$said" 'acks=1 done=1'
	say many 1000 1000 300000
	say acks 1000 30000
	is '1000 orders with one bad' "$said" 'acks=1000 done=999 last=EPERM'
	try '... are 999 elements' counts 1000
	say many 3000 500 3000
	say acks 500 30000
	is '500 more that end' "$said" 'acks=500 done=499 last=EPERM'
	try '... end' wait_until 30 counts 1000
	destroy 4
	try 'without chain or set it makes them again' wait_until 30 counts 1000
	for number in $(seq 1000 1999); do
		echo "close $number"
	done >&3
	for number in $(seq 1000 1999); do
		read -r said <&4
	done
	say acks 1000 30000
	is '1000 are closed' "$said" 'acks=1000 done=1000'
	try '... and one is left' open_is "$client4_ssh"
	try 'that was no fault' ! grep -q -e 'cannot' -e 'sandbox' "$T/firewall.log"
	hang_up TERM
	wait_until 30 gone "$firewall" || bail 'postern-firewall outlived its parent'
	clear
	rules
}

contract()
{
	prepare
	opens_and_closes
	shares
	expires
	restarts
	is_edited
	is_not_alone
	eval fails "$options"
	is_refused_in_part
	is_confined
}
