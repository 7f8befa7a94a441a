#!/bin/sh
# The arrow holds: an include or a call against it breaks the build. Each breach is made for real,
# in a copy of the sources. Prints TAP.
set -eu
export LC_ALL=C # what the compiler says is compared

cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' HUP INT TERM

# The rule, told a second time: what each folder may include and call, beside itself.
folders='base system knowledge snapshot source history diagnosis view action command'
may_use() {
	case $1 in
	base) ;;
	system | knowledge | snapshot) echo base ;;
	source | history) echo base system snapshot ;;
	diagnosis) echo base knowledge snapshot ;;
	view) echo base knowledge snapshot diagnosis ;;
	action) echo base system snapshot source ;;
	command) echo "$folders" ;;
	esac
}

allowed() {
	case " $1 $(may_use "$1") " in *" $2 "*) true ;; *) false ;; esac
}

# The first file of a folder of that kind, by name.
first() {
	find "src/$1" -name "*.$2" ! -path '*/bpf/*' | sort | head -n 1
}

# The folders that have come to exist.
present=
for folder in $folders; do
	[ ! -d "src/$folder" ] || [ ! "$(first "$folder" c)" ] || present="$present $folder"
done

# build FOLDER: its library, and the program that is linked from it and what it may use.
build() {
	ninja -C "$copy/build" "src/arrow-$1" >"$copy/log" 2>&1
}

number=0
result() {
	number=$((number + 1))
	echo "$1 $number - $2"
	[ "$1" = ok ] || sed 's/^/# /' "$copy/log"
}

holds() {
	if build "$1"; then result ok "$2"; else result 'not ok' "$2"; fi
}

# breaks FOLDER MESSAGE NAME: the build must stop, and for that reason.
breaks() {
	if ! build "$1" && grep -qF "$2" "$copy/log"; then result ok "$3"; else result 'not ok' "$3"; fi
}

# with FOLDER CODE CHECK...: do a check while the folder has CODE added to it.
with() {
	changed=$copy/$(first "$1" c)
	cp "$changed" "$copy/unchanged"
	echo "$2" >>"$changed"
	shift 2
	"$@"
	mv "$copy/unchanged" "$changed"
	touch "$changed"
}

# Code that refers to a function by that name, and so needs no header.
call() {
	echo "extern const char breach[] __asm__(\"$1\");" \
		'const char *breach_of_the_arrow(void);' \
		'const char *breach_of_the_arrow(void) { return breach; }'
}

tar -c --exclude=./.git --exclude='./build*' . | tar -C "$copy" -x
# Neither optimised nor with all that can be left out: what may be seen of whom is the same, in less time.
if ! meson setup "$copy/build" "$copy" -Doptimization=0 -Ddebug=false -Dtests=disabled -Dman=disabled \
	-Dbpf=disabled >"$copy/log" 2>&1; then
	echo 'Bail out! the copy cannot be configured'
	sed 's/^/# /' "$copy/log"
	exit 1
fi

for folder in $present; do
	holds "$folder" "$folder builds as it is"
	# A function that the folder defines, as the linker knows it.
	find "$copy/build" -name "lib$folder.a" -exec nm -g --defined-only {} + 2>/dev/null |
		awk '$2 == "T" { print $3; exit }' >"$copy/$folder.symbol"
	# What does not build as it is cannot show anything by not building.
	[ -s "$copy/$folder.symbol" ] || {
		echo "1..$number"
		exit 1
	}
done
for from in $present; do
	for to in $present; do
		[ "$from" != "$to" ] || continue
		symbol=$(cat "$copy/$to.symbol")
		if allowed "$from" "$to"; then
			with "$from" "$(call "$symbol")" holds "$from" "$from may call $to"
			continue
		fi
		with "$from" "$(call "$symbol")" \
			breaks "$from" "undefined reference to \`$symbol'" "$from cannot call $to"
		header=$(first "$to" h)
		header=${header#src/}
		[ ! "$header" ] || with "$from" "#include \"$header\"" \
			breaks "$from" "fatal error: $header: No such file" "$from cannot include $to"
	done
done
echo "1..$number"
