# SPDX-License-Identifier: GPL-2.0-or-later
# sets.sh: hosts where doors are elements of sets: their rules, with what is dropped logged, and how to
# be rid of them.
# shellcheck shell=sh disable=SC3043

# built NAME: with this library, by its name in build.h
built()
{
	grep -q "define $1 1" "$builddir/build.h"
}

rules_ipset()
{
	local family
	server_rules
	server ipset create postern4 hash:ip,port timeout 0
	server ipset create postern6 hash:ip,port family inet6 timeout 0
	for family in 4 6; do
		server "ip${family#4}tables-legacy" -I INPUT 3 -m conntrack --ctstate NEW \
			-m set --match-set postern$family src,dst -j ACCEPT
	done
}

clear_ipset()
{
	both_tables -F
	both_tables -X
	both_tables -P INPUT ACCEPT
	server ipset destroy
}

# rules_nft [TABLE [LOG]]: a table that drops; LOG, words of nft that tell what with
rules_nft()
{
	server nft -f - <<-END
	table inet ${1:-host} {
		set postern4 { type ipv4_addr . inet_proto . inet_service; flags timeout; }
		set postern6 { type ipv6_addr . inet_proto . inet_service; flags timeout; }
		chain input {
			type filter hook input priority filter; policy drop;
			iif lo accept
			ct state established,related accept
			icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
			ct state new ip saddr . meta l4proto . th dport @postern4 accept
			ct state new ip6 saddr . meta l4proto . th dport @postern6 accept
			log ${2:-} group 5 queue-threshold 1
		}
	}
	END
}

clear_nft()
{
	server nft flush ruleset
}
