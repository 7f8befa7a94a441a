#!/bin/sh
# Bring the catalogues in po/ up to date with the text in src/. With --check nothing is written; it
# fails where a text is missing, not translated, fuzzy or no longer used.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Sorted by file, without line numbers: an edit far away leaves the catalogue alone.
find src -name '*.[ch]' | LC_ALL=C sort | xgettext --from-code=UTF-8 --language=C \
	--keyword=_ --keyword=N_ --keyword=P_:1,2 --flag=_:1:pass-c-format --flag=P_:1:pass-c-format \
	--flag=P_:2:pass-c-format --flag=arena_print:2:c-format --flag=error_set:2:c-format \
	--no-location --add-comments=TRANSLATORS: --package-name=portroom \
	--files-from=- --output="$work/portroom.pot"

status=0
for catalogue in po/*.po; do
	msgmerge --quiet --no-fuzzy-matching --no-location --no-wrap --output-file="$work/merged.po" \
		"$catalogue" "$work/portroom.pot"
	msgattrib --no-obsolete --no-wrap --output-file="$work/new.po" "$work/merged.po"
	if [ "${1-}" != --check ]; then
		grep -v '^"POT-Creation-Date' "$work/new.po" >"$catalogue"
		continue
	fi
	if msgattrib --untranslated "$work/new.po" | grep -q '^msgid'; then
		msgattrib --untranslated --no-wrap "$work/new.po" >&2
		echo "$catalogue: these texts are not translated; ./dev po adds them to it" >&2
		status=1
	fi
	if msgattrib --only-fuzzy "$work/new.po" | grep -q '^msgid'; then
		echo "$catalogue: fuzzy texts" >&2
		status=1
	fi
	if msgattrib --only-obsolete "$work/merged.po" | grep -q '^#~ msgid'; then
		echo "$catalogue: texts that src/ no longer has; ./dev po takes them out" >&2
		status=1
	fi
done
exit $status
