#include "source/windows/process/file_version.h"

#include "base/arena.h"
#include "suite.h"

#include <stdbool.h>
#include <string.h>

/* ---- an executable of our making ---- */

static struct {
	bool no_resource, denied, no_text;
} file;

static DWORD WINAPI size_of(LPCWSTR path, DWORD *zero)
{
	(void)path;
	*zero = 0;
	return file.no_resource ? 0 : 16;
}

static BOOL WINAPI get(LPCWSTR path, DWORD zero, DWORD size, void *bytes)
{
	(void)path, (void)zero, (void)size, (void)bytes;
	return !file.denied;
}

static BOOL WINAPI query(const void *bytes, LPCWSTR about, void **value, UINT *size)
{
	static struct {
		WORD language, code_page;
	} german = { 0x407, 0x4b0 };
	static VS_FIXEDFILEINFO fixed = { .dwSignature = VS_FFI_SIGNATURE,
					  .dwFileVersionMS = 4 << 16 | 2,
					  .dwFileVersionLS = 7 << 16 | 19 };
	static const struct {
		const wchar_t *about, *text;
	} texts[] = {
		{ L"\\StringFileInfo\\040704b0\\FileVersion", L"4.2.7" },
		{ L"\\StringFileInfo\\040704b0\\ProductName", L"Contoso Billing" },
		{ L"\\StringFileInfo\\040704b0\\CompanyName", L"Contoso\r\nGmbH" },
	};

	(void)bytes;
	if (!wcscmp(about, L"\\")) {
		*value = &fixed;
		*size = sizeof fixed;
		return TRUE;
	}
	if (file.no_text)
		return FALSE;
	if (!wcscmp(about, L"\\VarFileInfo\\Translation")) {
		*value = &german;
		*size = sizeof german;
		return TRUE;
	}
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (!wcscmp(about, texts[i].about)) {
			*value = (void *)texts[i].text;
			*size = (UINT)wcslen(texts[i].text) + 1;
			return TRUE;
		}
	return FALSE;
}

static const struct file_version_route route = { size_of, get, query };

/* ---- tests ---- */

TEST(version_product_and_company_are_those_of_the_files_language)
{
	struct arena arena = { 0 };
	struct file_version version;

	memset(&file, 0, sizeof file);
	version = file_version_read(&route, "C:\\billing.exe", &arena);
	assert_string_equal(version.version, "4.2.7");
	assert_string_equal(version.product, "Contoso Billing");
	assert_string_equal(version.company, "Contoso");
	arena_free(&arena);
}

TEST(a_file_without_texts_has_numbers)
{
	struct arena arena = { 0 };
	struct file_version version;

	memset(&file, 0, sizeof file);
	file.no_text = true;
	version = file_version_read(&route, "C:\\billing.exe", &arena);
	assert_string_equal(version.version, "4.2.7.19");
	assert_null(version.product);
	assert_null(version.company);
	arena_free(&arena);
}

TEST(a_file_that_tells_nothing_or_may_not_be_read_is_not_known)
{
	const struct file_version_route none = { NULL };
	struct arena arena = { 0 };

	memset(&file, 0, sizeof file);
	file.no_resource = true;
	assert_null(file_version_read(&route, "C:\\billing.exe", &arena).version);
	file.no_resource = false;
	file.denied = true;
	assert_null(file_version_read(&route, "C:\\billing.exe", &arena).version);
	assert_null(file_version_read(&none, "C:\\billing.exe", &arena).version);
	arena_free(&arena);
}

TEST(a_file_on_another_machine_is_not_asked_for)
{
	struct arena arena = { 0 };

	memset(&file, 0, sizeof file);
	assert_null(
		file_version_read(&route, "\\\\server\\share\\billing.exe", &arena).version);
	assert_null(file_version_read(&route, "\\\\?\\UNC\\server\\share\\billing.exe", &arena)
			    .version);
	assert_non_null(file_version_read(&route, "\\\\?\\C:\\billing.exe", &arena).version);
	arena_free(&arena);
}

SUITE(file_version,
      cmocka_unit_test(version_product_and_company_are_those_of_the_files_language),
      cmocka_unit_test(a_file_without_texts_has_numbers),
      cmocka_unit_test(a_file_that_tells_nothing_or_may_not_be_read_is_not_known),
      cmocka_unit_test(a_file_on_another_machine_is_not_asked_for));
