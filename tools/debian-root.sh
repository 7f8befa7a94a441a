#!/bin/sh
# debian-root.sh DIR [PACKAGE...]: a minimal Debian 12 in DIR, with the named packages.
# It comes from where this machine's own apt gets its packages, and its apt can go on from there:
# whatever mirror, proxy or key this machine needs, the root is given too.
set -eu

dir=$1
shift
suite=bookworm
keys=/usr/share/keyrings/debian-archive-keyring.gpg

# apt itself reads both formats of sources; nothing has to be downloaded for this.
# shellcheck disable=SC2016 # apt's fields, not the shell's
mirror=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' |
	awk -v suite="$suite" '$1 == suite { print $2; exit }')
[ "$mirror" ] || {
	echo "apt's sources on this machine do not name $suite" >&2
	exit 1
}

# debootstrap downloads with wget, which knows proxies from the environment only.
proxy=$(apt-config shell proxy Acquire::http::Proxy)
eval "$proxy"
[ -z "${proxy-}" ] || [ "$proxy" = DIRECT ] || export http_proxy="${http_proxy:-$proxy}"

packages=$(echo "$*" | tr ' ' ',')
debootstrap --variant=minbase --keyring="$keys" ${packages:+"--include=$packages"} \
	"$suite" "$dir" "$mirror"

# The Acquire settings say how to reach the mirror; hooks and the like stay behind.
apt-config dump | grep '^Acquire::' >"$dir/etc/apt/apt.conf.d/01machine"
rm -f "$dir/etc/apt/sources.list"
for path in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/auth.conf \
	/etc/apt/auth.conf.d /etc/apt/keyrings /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d \
	/usr/share/keyrings /etc/ssl/certs/ca-certificates.crt /etc/resolv.conf /etc/hosts; do
	[ ! -e "$path" ] || (cd / && tar -ch ".$path") | tar -C "$dir" -x
done
