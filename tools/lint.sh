#!/bin/sh
# What can be checked by reading alone. Every check runs; the exit status says whether one complained.
# shellcheck disable=SC2046,SC2086 # lists of files are meant to split into words
set -eu
cd "$(dirname "$0")/.."

# files PATTERN...: what git tracks, or would if it were added, and is there.
files() {
	git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
		[ ! -f "$file" ] || echo "$file"
	done
}

# with_shebang WORD: the files whose first line names that interpreter.
with_shebang() {
	files . | while read -r file; do
		if head -n 1 "$file" | grep -aEq "^#!.*[/ ]($1)( |\$)"; then echo "$file"; fi
	done
}

failed=
complain() {
	echo "lint: $1" >&2
	failed=yes
}

# absent REGEX COMPLAINT FILE...: no line of the files may match.
absent() {
	regex=$1 complaint=$2
	shift 2
	! grep -nIE -e "$regex" /dev/null "$@" || complain "$complaint"
}

# What a program under tests/fixtures, tests/golden or a fuzz corpus wrote is not ours to tidy.
code=$(files 'src/*.[ch]' 'tests/*.[ch]' 'bench/*.[ch]')
checked=$(files 'src/*.[ch]' 'tests/*.[ch]' 'bench/*.[ch]' ':!*/bpf/*')
text=$(files . ':!tests/fixtures' ':!tests/golden' ':!tests/fuzz/corpus' ':!LICENSE')
python=$(files '*.py')
scripts=$(with_shebang 'sh|bash')

[ -z "$code" ] || {
	clang-format --dry-run -Werror $code ||
		complain 'wrong format; clang-format -i FILE puts it right'
	# cppcheck 2.10 does not know the word _Noreturn; BPF programs, made of built-ins that take types, are
	# left to clang. SYSTEM_SUITES is a list that each system has in a file of its own.
	cppcheck --quiet --std=c11 --language=c -j 2 -I src -I tests \
		'-D_Noreturn=__attribute__((noreturn))' '-DSYSTEM_SUITES(suite)=' --enable=warning,portability,performance \
		--inline-suppr --error-exitcode=1 $checked ||
		complain 'cppcheck found something'
	absent '#[[:space:]]*include[[:space:]]*"\.\./' \
		'an include that leaves its folder gets round the arrow' $(files 'src/*.[ch]')
}

shellcheck $scripts || complain 'shellcheck found something'

bytecode=$(mktemp -d)
trap 'rm -rf "$bytecode"' EXIT
[ -z "$python" ] || PYTHONPYCACHEPREFIX=$bytecode python3 -m py_compile $python ||
	complain 'python that does not compile'

absent '(^|[^[:alnum:]_.$}])/(work|root|home)/' 'the path of one machine' $text
absent '[[:space:]]$' 'space at the end of a line' $text

[ ! "$failed" ]
