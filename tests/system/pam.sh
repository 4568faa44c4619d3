# SPDX-License-Identifier: GPL-2.0-or-later
# pam.sh: a PAM stack, a syslog and an sshd of a script's own, on top of lib.sh; seen in the namespaces
# of that script alone.
# shellcheck shell=sh disable=SC3043,SC2034,SC2154
. "${srcdir:-.}/tests/system/lib.sh"
module=$builddir/pam/.libs/pam_postern.so

# need_pam: skips the script where PAM, with our module in it, can't work; need_sshd: where sshd can't.
need_pam()
{
	[ -d /etc/pam.d ] || skip_all 'there is no /etc/pam.d'
	[ -e "$module" ] || skip_all 'pam_postern.so is not built: libpam is missing'
	! grep -qs '^#define SANITIZERS' "$builddir/build.h" || skip_all 'no other program can load a sanitizer build'
}

need_sshd()
{
	need ssh ssh-keygen
	[ -x /usr/sbin/sshd ] || skip_all 'sshd is not installed'
	[ "$(id -u)" = 0 ] || skip_all 'only root can run an sshd that lets others in'
}

# own_pam: /etc/pam.d is a copy in $T/pam.d; and own_syslog.
own_pam()
{
	cp -r /etc/pam.d "$T/pam.d"
	mount --bind "$T/pam.d" /etc/pam.d || bail 'no /etc/pam.d of its own'
	own_syslog
}

# own_syslog: what is said to syslog comes into $T/heard.log.
own_syslog()
{
	local device
	mkdir -m 755 "$T/dev"
	for device in null zero random urandom; do
		: >"$T/dev/$device"
		mount --bind "/dev/$device" "$T/dev/$device" || bail 'no devices'
	done
	mount --rbind "$T/dev" /dev || bail 'no /dev of its own'
	mkfifo "$T/hears"
	spawn server heard.log python3 "$srcdir/tests/system/hear.py" /dev/log "$T/hears"
	hearer=$pid
	timeout 60 cat "$T/hears" || bail 'no syslog of its own'
}

# heard PATTERN: syslog has got such a line, or soon does
heard()
{
	wait_until 30 grep -q -e "$1" "$T/heard.log"
}

# in_time COMMAND…: a login. PAM's module and postern-tcpd give the daemon two seconds, which a busy machine
# can take from one that answers at once: such a denial goes out of the log, and it is tried again. But not
# where the daemon is mute, $mute=yes.
mute=
in_time()
{
	local got tries=0
	while :; do
		"$@" && return
		got=$? tries=$((tries + 1))
		[ "$mute" != yes ] && [ $tries -lt 10 ] && late || return $got
		forget_late
	done
}

# late: somebody was denied for that, by what has come to the log until now
late()
{
	kill -USR1 "$hearer" && timeout 60 cat "$T/hears"
	grep -q reason=timeout "$T/heard.log"
}

forget_late()
{
	grep -v reason=timeout "$T/heard.log" >"$T/heard.rest"
	cat "$T/heard.rest" >"$T/heard.log"
}

# by_one_knock PLACE KEY COMMAND…: in_time, for where a knock is one login: with a knock each time, for one
# whose answer came too late may be used up.
by_one_knock()
{
	in_time knock_and "$@"
}
knock_and()
{
	local got=0
	ctl close "$2" >"$T/said" 2>&1
	knocked "$1" "$2"
	shift 2
	mute=yes
	"$@" || got=$?
	mute=
	return $got
}

# pam_sshd [LINE…]: makes the keys and the configuration of sshd, whose own lines are given, and starts
# it; alice's key is $T/ssh/alice.
pam_sshd()
{
	local key address
	mkdir -m 755 /run/sshd "$T/ssh" "$T/alice"
	chown alice: "$T/alice"
	for key in host alice; do
		ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$T/ssh/$key" || bail 'no ssh key'
	done
	cp "$T/ssh/alice.pub" "$T/ssh/authorized.alice"
	for address in 192.0.2.1 2001:db8::1; do
		echo "$address $(cat "$T/ssh/host.pub")"
	done >"$T/ssh/known"
	cat >"$T/ssh/config" <<-END
		Port 22
		HostKey $T/ssh/host
		PidFile none
		AuthorizedKeysFile $T/ssh/authorized.%u
		UsePAM yes
		PrintMotd no
	END
	printf '%s\n' "$@" >>"$T/ssh/config"
	spawn server sshd.log /usr/sbin/sshd -D -e -f "$T/ssh/config"
	wait_until 30 sshd_answers || bail 'sshd does not start'
}

sshd_answers()
{
	server python3 "$srcdir/tests/system/net.py" reach 127.0.0.1 22 | grep open
}

# pam_login PLACE [ADDRESS [COMMAND]]: alice logs in from there, with her key; $ssh_options are more.
ssh_options=
pam_login()
{
	# shellcheck disable=SC2086 # options
	in_time on "$1" timeout 60 ssh -F none $ssh_options -i "$T/ssh/alice" -o IdentitiesOnly=yes \
		-o BatchMode=yes -o ConnectTimeout=30 -o StrictHostKeyChecking=yes \
		-o UserKnownHostsFile="$T/ssh/known" "alice@${2:-192.0.2.1}" "${3:-id -un}" </dev/null
}

# knocked PLACE KEY [ARGUMENT…]: a knock that has opened.
knocked()
{
	local place="$1" key="$2" before
	shift 2
	before=$(count_log event=opened)
	knock "$place" "$key" "${knock_at:-192.0.2.1}" "$@"
	wait_until 30 log_has $((before + 1)) event=opened
}
