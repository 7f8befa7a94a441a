#include <windows.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/*
 * In place of Windows' netsh: it keeps four dynamic ranges, of now and of the next start, and excluded ports, in the file
 * that NETSH_STATE names, a line each:
 *
 *   active tcp ipv4 49152 16384
 *   persistent tcp ipv4 49152 16384
 *   excluded tcp ipv4 50000 50059 *
 *   sets 3                             how often it was told to set one
 *
 * What is not there has Windows' default; no file is made before something is set. NETSH_OPTIONS has words:
 *
 *   en zh es de     the language; each in the code page of its consoles
 *   joined          what is set for one family counts for both
 *   refuse=udp/ipv6 that row is not taken, and netsh says so; others are
 *   stuck=2         so many are taken, and none after these
 *   nothing         set ends well and does nothing, as Wine's does
 *   denied          set asks for administrator rights
 *   hang            it never ends
 *   late=2          the first so many never end: files beside NETSH_STATE count them
 *   stall           set never ends
 *   slow=700        set takes so many milliseconds when all is done
 *   storeless       show knows no store=persistent
 *   garbage         it prints what is no answer
 *   silent          it prints nothing
 *
 * NETSH_LOG names a file that each command is added to. The forms of its output are those of real ones; the words of German
 * and Spanish are our own.
 */

enum { PROTOCOLS = 2, FAMILIES = 2, STORES = 2, EXCLUDED_MOST = 64 };

static const char *const protocols[] = { "tcp", "udp" };
static const char *const families[] = { "ipv4", "ipv6" };
static const char *const stores[] = { "active", "persistent" };

struct words {
	const char *name;
	UINT page;
	const wchar_t *dynamic, *start, *count; /* lines of dynamicport */
	const wchar_t *excluded, *bounds, *footer;
	const wchar_t *ok, *refused, *denied;
};

static const struct words languages[] = {
	{ "en", 437, L"Protocol %hs Dynamic Port Range", L"Start Port      : %u",
	  L"Number of Ports : %u", L"Protocol %hs Port Exclusion Ranges",
	  L"Start Port    End Port", L"* - Administered port exclusions.", L"Ok.",
	  L"The parameter is incorrect.",
	  L"The requested operation requires elevation (Run as administrator)." },
	{ "zh", 936, L"协议 %hs 动态端口范围", L"启动端口        : %u",
	  L"端口数          : %u", L"协议 %hs 端口排除范围", L"开始端口    结束端口",
	  L"* - 管理的端口排除。", L"确定。", L"参数错误。",
	  L"请求的操作需要提升(作为管理员运行)。" },
	{ "es", 850, L"Intervalo de puertos dinámicos del protocolo %hs",
	  L"Puerto de inicio   : %u", L"Número de puertos : %u",
	  L"Intervalos de exclusión de puertos del protocolo %hs",
	  L"Puerto de inicio    Puerto final", L"* - Exclusiones de puertos administradas.",
	  L"Aceptar", L"El parámetro no es correcto.",
	  L"La operación solicitada requiere elevación (ejecutar como administrador)." },
	{ "de", 850, L"Dynamischer Portbereich für Protokoll %hs", L"Startport     : %u",
	  L"Anzahl Ports  : %u", L"Portausschlussbereiche für Protokoll %hs",
	  L"Startport     Endport", L"* - Verwaltete Portausschlüsse.", L"OK.",
	  L"Falscher Parameter.",
	  L"Der angeforderte Vorgang erfordert erhöhte Rechte (Als Administrator ausführen)." },
};

struct range {
	unsigned first, count;
};

static struct state {
	struct range rows[STORES][PROTOCOLS][FAMILIES];
	struct {
		unsigned protocol, family, first, last;
		bool starred;
	} excluded[EXCLUDED_MOST];
	unsigned excluded_count, sets;
} state;

/* ---- the file ---- */

static unsigned index_of(const char *const *names, const char *word)
{
	return strcmp(names[0], word) ? 1 : 0;
}

static void take_line(const char *line)
{
	char store[16], protocol[8], family[8], star[4] = "";
	unsigned one, two;

	if (sscanf(line, "sets %u", &state.sets) == 1 ||
	    sscanf(line, "%15s %7s %7s %u %u %3s", store, protocol, family, &one, &two, star) <
		    5)
		return;
	if (!strcmp(store, "excluded") && state.excluded_count < EXCLUDED_MOST) {
		state.excluded[state.excluded_count].protocol = index_of(protocols, protocol);
		state.excluded[state.excluded_count].family = index_of(families, family);
		state.excluded[state.excluded_count].first = one;
		state.excluded[state.excluded_count].last = two;
		state.excluded[state.excluded_count++].starred = *star == '*';
	} else {
		state.rows[index_of(stores, store)][index_of(protocols, protocol)]
			  [index_of(families, family)] = (struct range){ one, two };
	}
}

static void read_state(void)
{
	const char *path = getenv("NETSH_STATE");
	FILE *file = path ? fopen(path, "r") : NULL;
	char line[200];

	for (int i = 0; i < STORES * PROTOCOLS * FAMILIES; i++)
		(&state.rows[0][0][0])[i] = (struct range){ 49152, 16384 };
	while (file && fgets(line, sizeof line, file))
		take_line(line);
	if (file)
		fclose(file);
}

static void print_state(FILE *file)
{
	for (int store = 0; store < STORES; store++)
		for (int protocol = 0; protocol < PROTOCOLS; protocol++)
			for (int family = 0; family < FAMILIES; family++)
				fprintf(file, "%s %s %s %u %u\n", stores[store],
					protocols[protocol], families[family],
					state.rows[store][protocol][family].first,
					state.rows[store][protocol][family].count);
	for (unsigned i = 0; i < state.excluded_count; i++)
		fprintf(file, "excluded %s %s %u %u%s\n",
			protocols[state.excluded[i].protocol],
			families[state.excluded[i].family], state.excluded[i].first,
			state.excluded[i].last, state.excluded[i].starred ? " *" : "");
	fprintf(file, "sets %u\n", state.sets);
}

/* Whoever reads it meanwhile finds the old one whole, or the new one; while others have it open it cannot be replaced. */
static void write_state(void)
{
	const char *path = getenv("NETSH_STATE");
	char draft[MAX_PATH + 20];
	FILE *file;

	snprintf(draft, sizeof draft, "%s.draft", path ? path : "");
	file = path ? fopen(draft, "w") : NULL;
	if (!file)
		return;
	print_state(file);
	fclose(file);
	while (!MoveFileExA(draft, path, MOVEFILE_REPLACE_EXISTING) &&
	       (GetLastError() == ERROR_SHARING_VIOLATION ||
		GetLastError() == ERROR_ACCESS_DENIED))
		Sleep(1);
}

/* ---- options ---- */

/* The value behind "name=", "" behind a name alone; NULL: it is not among them. */
static const char *option(const char *name)
{
	static char value[32];
	const char *at = getenv("NETSH_OPTIONS");
	const size_t length = strlen(name);

	while (at && *at) {
		size_t word = strcspn(at, " ");

		if (word >= length && !strncmp(at, name, length) &&
		    (word == length || at[length] == '=')) {
			size_t rest = word == length ? 0 : word - length - 1;

			rest = rest < sizeof value - 1 ? rest : sizeof value - 1;
			memcpy(value, at + word - rest, rest);
			value[rest] = '\0';
			return value;
		}
		at += word + strspn(at + word, " ");
	}
	return NULL;
}

static const struct words *words_chosen(void)
{
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
		if (option(languages[i].name))
			return &languages[i];
	return &languages[0];
}

/* ---- output ---- */

static void say(const wchar_t *format, ...)
{
	wchar_t wide[200];
	char bytes[600];
	DWORD wrote;
	va_list values;
	int length;

	va_start(values, format);
	length = vswprintf(wide, sizeof wide / sizeof *wide - 3, format, values);
	va_end(values);
	if (length < 0)
		length = 0;
	wide[length++] = L'\r';
	wide[length++] = L'\n';
	length = WideCharToMultiByte(words_chosen()->page, 0, wide, length, bytes,
				     sizeof bytes, NULL, NULL);
	WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), bytes, (DWORD)length, &wrote, NULL);
}

static void show_dynamic(unsigned store, unsigned protocol, unsigned family)
{
	const struct words *words = words_chosen();

	say(L"");
	say(words->dynamic, protocols[protocol]);
	say(L"---------------------------------");
	say(words->start, state.rows[store][protocol][family].first);
	say(words->count, state.rows[store][protocol][family].count);
	say(L"");
}

static void show_excluded(unsigned protocol, unsigned family)
{
	const struct words *words = words_chosen();

	say(L"");
	say(words->excluded, protocols[protocol]);
	say(L"");
	say(words->bounds);
	say(L"----------    --------");
	for (unsigned i = 0; i < state.excluded_count; i++)
		if (state.excluded[i].protocol == protocol &&
		    state.excluded[i].family == family)
			say(L"%10u  %10u%hs", state.excluded[i].first, state.excluded[i].last,
			    state.excluded[i].starred ? "     *" : "");
	say(L"");
	say(words->footer);
	say(L"");
}

/* ---- set ---- */

static const char *argument(int argc, char **argv, const char *name)
{
	const size_t length = strlen(name);

	for (int i = 5; i < argc; i++)
		if (!strncmp(argv[i], name, length) && argv[i][length] == '=')
			return argv[i] + length + 1;
	return "";
}

static bool is_refused(unsigned protocol, unsigned family)
{
	const char *row = option("refuse");
	char name[16];

	snprintf(name, sizeof name, "%s/%s", protocols[protocol], families[family]);
	if (row && !strcmp(row, name))
		return true;
	row = option("stuck");
	return row && state.sets >= (unsigned)atoi(row);
}

static int refuse(const wchar_t *why)
{
	say(why);
	say(L"");
	return 1;
}

/* The limits are those that Microsoft documents: 1025, 255 ports, 65535. */
static int set(int argc, char **argv, unsigned protocol, unsigned family)
{
	const unsigned long first = strtoul(argument(argc, argv, "start"), NULL, 10),
			    count = strtoul(argument(argc, argv, "num"), NULL, 10);
	const bool persistent = strcmp(argument(argc, argv, "store"), "active") != 0;
	const struct range range = { (unsigned)first, (unsigned)count };

	if (option("stall"))
		Sleep(INFINITE);
	if (option("denied"))
		return refuse(words_chosen()->denied);
	if (first < 1025 || count < 255 || first + count - 1 > 65535 ||
	    is_refused(protocol, family))
		return refuse(words_chosen()->refused);
	if (!option("nothing")) {
		for (unsigned i = 0; i < FAMILIES; i++)
			if (i == family || option("joined")) {
				state.rows[0][protocol][i] = range;
				if (persistent)
					state.rows[1][protocol][i] = range;
			}
		state.sets++;
		write_state();
		if (option("slow"))
			Sleep((DWORD)atoi(option("slow")));
		say(words_chosen()->ok);
		say(L"");
	}
	return 0;
}

/* Several run at the same time: who makes the file is the one that it counts. */
static bool is_late(void)
{
	const char *most = option("late");
	char path[MAX_PATH + 20];

	for (int i = 0; most && getenv("NETSH_STATE") && i < atoi(most); i++) {
		HANDLE file;

		snprintf(path, sizeof path, "%s.late%d", getenv("NETSH_STATE"), i);
		file = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
		if (file == INVALID_HANDLE_VALUE)
			continue;
		CloseHandle(file);
		return true;
	}
	return false;
}

/* For one at a time: two that find the same end of it would write over each other. */
static HANDLE open_log(const char *path)
{
	HANDLE file;

	while ((file = CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_ALWAYS,
				   FILE_ATTRIBUTE_NORMAL, NULL)) == INVALID_HANDLE_VALUE &&
	       GetLastError() == ERROR_SHARING_VIOLATION)
		Sleep(1);
	SetFilePointer(file, 0, NULL, FILE_END);
	return file;
}

static void keep_log(int argc, char **argv)
{
	const char *path = getenv("NETSH_LOG");
	char line[400] = "";
	size_t length = 0;
	DWORD wrote;
	HANDLE file;

	if (!path)
		return;
	for (int i = 1; i < argc && length < sizeof line - 1; i++)
		length += (size_t)snprintf(line + length, sizeof line - length, "%s%s",
					   argv[i], i + 1 < argc ? " " : "\n");
	file = open_log(path);
	WriteFile(file, line, (DWORD)strlen(line), &wrote, NULL);
	CloseHandle(file);
}

int main(int argc, char **argv)
{
	unsigned protocol, family, store;

	keep_log(argc, argv);
	if (option("hang") || is_late())
		Sleep(INFINITE);
	if (option("garbage"))
		return say(L"%% \x2014 0x8007 : 12 / -- 99999999999999999999"), 0;
	if (argc < 6 || option("silent"))
		return 0;
	read_state();
	family = index_of(families, argv[2]);
	protocol = strstr(argv[5], "udp") ? 1 : 0;
	if (!strcmp(argv[3], "set"))
		return set(argc, argv, protocol, family);
	store = argc > 6 && !strcmp(argv[6], "store=persistent") ? 1 : 0;
	if (store && option("storeless"))
		return refuse(words_chosen()->refused);
	if (!strcmp(argv[4], "dynamicport"))
		show_dynamic(store, protocol, family);
	else
		show_excluded(protocol, family);
	return 0;
}
