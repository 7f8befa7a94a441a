#!/bin/sh
# windows-cmocka.sh DIR: cmocka for Windows in DIR, from the source package of this Debian; no package of it is built by mingw-w64.
# DIR/include/cmocka.h and DIR/lib/libcmocka.a; nothing is done where they are. apt checks what it downloads as it
# does with packages, and gets it from where this machine's own apt gets them.
set -eu

dir=$1
compiler=${2-x86_64-w64-mingw32-gcc}
keys=/usr/share/keyrings/debian-archive-keyring.gpg

[ ! -e "$dir/lib/libcmocka.a" ] || exit 0
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
work=$dir/work
rm -rf "${work:?}" "${dir:?}/lib" "${dir:?}/include"
mkdir -p "$work/lists/partial" "$work/source" "$dir/include" "$dir/lib"

# shellcheck disable=SC2016 # apt's fields, not the shell's
source=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' | awk '
	$1 == "bookworm" { print "deb-src [signed-by=" keys "] " $2 " " $1 " main"; exit }' "keys=$keys")
[ "$source" ] || {
	echo "apt's sources on this machine do not name bookworm" >&2
	exit 1
}
echo "$source" >"$work/sources.list"

# Lists and downloads are kept apart: this machine's own are left as they are.
apart() {
	apt-get -q -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- \
		-o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work" \
		-o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}
apart update
(cd "$work/source" && apart source --download-only cmocka)
tar -C "$work/source" -xJf "$(echo "$work"/source/cmocka_*.orig.tar.xz)" --strip-components=1

# What its own build would find out of mingw-w64 and write to config.h.
cat >"$work/config.h" <<-'END'
	#define HAVE_INTTYPES_H 1
	#define HAVE_MALLOC_H 1
	#define HAVE_SIGNAL_H 1
	#define HAVE_STRINGS_H 1
	#define HAVE_GCC_THREAD_LOCAL_STORAGE 1
END
"$compiler" -std=gnu99 -O2 -w -DHAVE_CONFIG_H -D__USE_MINGW_ANSI_STDIO=1 -I"$work" -I"$work/source/include" \
	-c "$work/source/src/cmocka.c" -o "$work/cmocka.o"
cp "$work"/source/include/cmocka.h "$dir/include"
x86_64-w64-mingw32-ar rcs "$dir/lib/libcmocka.a" "$work/cmocka.o"
rm -rf "$work"
