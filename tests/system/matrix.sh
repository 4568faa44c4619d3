#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# matrix.sh SOURCE: one source with each firewall, each in namespaces of its own, all at the same time.
# matrix.sh SOURCE FIREWALL: one of them. Over both families, a real knock opens a real listener, to its
# address alone, and it closes by itself with the daemon killed.
. "${srcdir:-.}/tests/system/lib.sh"
. "$srcdir/tests/system/sets.sh"
source=$1

if [ $# = 1 ] && [ "${postern_inside:-}" != yes ]; then
	results=$(mktemp -d) || exit 99
	trap 'rm -rf "$results"' EXIT
	for firewall in iptc ipset nft none; do
		sh "$srcdir/tests/system/matrix.sh" "$source" $firewall >"$results/$firewall" 2>&1 &
	done
	wait
	number=0
	for firewall in iptc ipset nft none; do
		grep -q '^1\.\.' "$results/$firewall" || echo 'not ok 0 - it came to its end' >>"$results/$firewall"
		while read -r line; do
			case $line in
			'1..0 # SKIP '*) line="ok 0 - $firewall # SKIP ${line#*SKIP }" ;;
			esac
			case $line in
			'ok '* | 'not ok '*)
				number=$((number + 1))
				echo "${line%%ok *}ok $number - $firewall: ${line#* - }"
				;;
			1..*) ;;
			*) echo "$line" ;;
			esac
		done <"$results/$firewall"
	done
	echo "1..$number"
	exit 0
fi

firewall=$2
need ip nsenter python3 iptables-legacy ip6tables-legacy
has()
{
	built "$1" || skip_all "built without $2"
}
super=
case $firewall in
ipset)
	need ipset
	has HAVE_LIBIPSET libipset
	;;
nft)
	need nft
	has HAVE_LIBNFTABLES libnftables
	;;
none)
	inetd=$(command -v inetd || command -v inetutils-inetd)
	xinetd=$(command -v xinetd)
	[ -n "$inetd" ] || { [ -n "$xinetd" ] && [ "$(id -u)" = 0 ]; } ||
		skip_all 'without a firewall there is tcpd, which needs inetd, or xinetd and root'
	;;
esac
[ "$source" != pcap ] || has HAVE_PCAP libpcap
plugins=$(find /usr/lib /usr/lib64 -name ulogd_output_LOGEMU.so 2>/dev/null | head -n 1)
[ "$source" != log ] || { command -v ulogd >/dev/null && [ -n "$plugins" ]; } ||
	skip_all 'ulogd2, which writes the log, is not installed'
in_namespaces "$srcdir/tests/system/matrix.sh" "$@"
make_net client stranger

### The firewall

# dropped: what is not let in is dropped, and logged
dropped()
{
	both_tables -P INPUT DROP &&
		both_tables -A INPUT -i lo -j ACCEPT &&
		both_tables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT &&
		server ip6tables-legacy -A INPUT -p ipv6-icmp -j ACCEPT &&
		"$@" &&
		both_tables -A INPUT -j NFLOG --nflog-group 5 --nflog-prefix 'DROP '
}
by_sets()
{
	server ipset create postern4 hash:ip,port timeout 0 &&
		server ipset create postern6 hash:ip,port family inet6 timeout 0 &&
		server iptables-legacy -A INPUT -m set --match-set postern4 src,dst -j ACCEPT &&
		server ip6tables-legacy -A INPUT -m set --match-set postern6 src,dst -j ACCEPT
}
case $firewall in
iptc) server_rules ;;
ipset)
	conf_firewall='firewall ipset { }'
	dropped by_sets
	;;
nft)
	conf_firewall='firewall nft { }'
	rules_nft filter 'prefix "DROP "'
	;;
none)
	conf_firewall='firewall none { }'
	dropped both_tables -A INPUT -p tcp --dport 22 -j ACCEPT
	;;
esac >"$T/rules.log" 2>&1 || skip_all "this kernel has not what $firewall needs: $(tail -n 1 "$T/rules.log")"

### The source

via=spa
case $source in
nflog) conf_source='source nflog { group = { 5 } }' ;;
pcap) conf_source='source pcap { interface = { "any" } }' ;;
log)
	via=udp
	conf_source="source log { file = \"$T/kern.log\" }"
	conf_ports='ports { sequence = "20480-32767" }'
	: >"$T/kern.log"
	cat >"$T/ulogd.conf" <<-END
	[global]
	logfile="$T/ulogd.own"
	$(for plugin in inppkt_NFLOG raw2packet_BASE filter_IFINDEX filter_IP2STR filter_PRINTPKT output_LOGEMU; do
	echo "plugin=\"${plugins%/*}/ulogd_$plugin.so\""; done)
	stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU
	[log1]
	group=5
	[emu1]
	file="$T/kern.log"
	sync=1
	END
	spawn server ulogd.log ulogd -c "$T/ulogd.conf"
	writes()
	{
		client python3 -c "
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 1))"
		[ -s "$T/kern.log" ]
	}
	wait_until 30 writes || bail 'ulogd writes nothing'
	;;
esac

### The listener: behind the firewall; or, without one, behind postern-tcpd

greeted()
{
	[ "$(on "$1" timeout 20 python3 -c "
import socket, sys
try:
    print(socket.create_connection((sys.argv[1], 22), 10).recv(99).decode().strip())
except OSError:
    pass" "$2")" = hello ]
}
# lets PLACE ADDRESS, shuts_out PLACE ADDRESS
lets()
{
	if [ "$firewall" = none ]; then greeted "$@"; else reaches "$@" open; fi
}
shuts_out()
{
	if [ "$firewall" = none ]; then ! greeted "$@"; else reaches "$@" silent; fi
}
if [ "$firewall" != none ]; then
	start_listener
else
	mkdir /run/postern "$T/bin"
	ln -s "$T/control.sock" /run/postern/control.sock
	printf '#!/bin/sh\necho hello\n' >"$T/bin/in.greet"
	chmod 755 "$T/bin/in.greet"
	tcpd=$builddir/pam/postern-tcpd
	echo "22 stream tcp6 nowait root $tcpd $T/bin/in.greet" >"$T/inetd.conf"
	cat >"$T/xinetd.conf" <<-END
	service gate
	{
		type = UNLISTED
		port = 22
		flags = NAMEINARGS IPv6
		socket_type = stream
		protocol = tcp
		wait = no
		user = root
		server = $tcpd
		server_args = $T/bin/in.greet
	}
	END
	if [ -n "$inetd" ]; then
		spawn server inetd.log "$inetd" -d "$T/inetd.conf"
	else
		spawn server inetd.log "$xinetd" -dontfork -f "$T/xinetd.conf" -pidfile "$T/xinetd.pid"
	fi
	wait_until 30 reaches client 192.0.2.1 open || bail 'no inetd'
fi

### And the knock

add_key alice --open tcp/22
start_posternd
try 'IPv4: shut without a knock' shuts_out client 192.0.2.1
try 'IPv6: shut without a knock' shuts_out client 2001:db8::1
# knocks SECONDS: over both families
knocks()
{
	knock client alice 192.0.2.1 --via $via --for "$1" || bail 'no knock'
	knock client alice 2001:db8::1 --via $via --for "$1" || bail 'no knock'
}
knocks 600
try 'IPv4: a knock opens' wait_until 30 lets client 192.0.2.1
try 'IPv6: a knock opens' wait_until 30 lets client 2001:db8::1
try 'IPv4: to its address alone' shuts_out stranger 192.0.2.1
try 'IPv6: to its address alone' shuts_out stranger 2001:db8::1
is 'both were told' "$(count_log 'event=opened') $(count_log 'event=refused')" '2 0'
ctl close alice >"$T/said"
knocks 4
logs 4 event=opened || bail 'not opened again'
stop_posternd KILL
try 'the daemon is gone' gone "$posternd"
try 'IPv4: shut by itself' wait_until 30 shuts_out client 192.0.2.1
try 'IPv6: shut by itself' wait_until 30 shuts_out client 2001:db8::1
finish
