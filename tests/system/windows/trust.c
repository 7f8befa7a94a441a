#include "system/windows/trust.h"

#include "suite.h"
#include "system/windows/program_data.h"

#include <stdint.h>
#include <stdlib.h>
#include <windows.h>
#include <sddl.h>

/* What icacls tells of a folder that an administrator makes in %ProgramData%: users read it, and add files and folders to it. */
#define HANDED_DOWN                                                                           \
	L"(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)"                           \
	L"(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)"

static bool holds(const wchar_t *text, enum trust_wish wish)
{
	PSECURITY_DESCRIPTOR descriptor = NULL;
	bool good;

	assert_that(ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1,
									 &descriptor, NULL),
		    "%ls: %lu", text, GetLastError());
	good = trust_descriptor(descriptor, wish);
	LocalFree(descriptor);
	return good;
}

TEST(a_folder_that_an_administrator_made_holds_a_file_but_is_open)
{
	assert_true(holds(L"O:BAD:" HANDED_DOWN, TRUST_HOLDS));
	assert_false(holds(L"O:BAD:" HANDED_DOWN, TRUST_CLOSED));
	assert_true(holds(L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FRFX;;;BU)",
			  TRUST_CLOSED));
}

TEST(what_others_may_open_is_not_private)
{
	assert_true(holds(L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", TRUST_PRIVATE));
	assert_false(holds(L"O:BAD:P(A;OICI;FA;;;BA)(A;;FR;;;BU)", TRUST_PRIVATE));
	assert_false(holds(L"O:BAD:P(A;OICI;FA;;;BA)(A;OIIO;FR;;;BU)", TRUST_PRIVATE));
}

/* Whoever owns it may give himself any right. */
TEST(what_somebody_else_owns_is_not_believed)
{
	assert_false(holds(L"O:BUD:" HANDED_DOWN, TRUST_HOLDS));
	assert_false(holds(L"O:S-1-5-21-1-2-3-1001D:(A;;FR;;;BU)", TRUST_CLOSED));
	assert_true(holds(L"O:SYD:(A;;FR;;;BU)", TRUST_CLOSED));
	assert_true(holds(L"O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
			  L"D:(A;;FR;;;BU)",
			  TRUST_CLOSED));
	assert_false(holds(L"D:(A;;FR;;;BU)", TRUST_CLOSED));
}

TEST(each_right_to_change_it_is_one_too_many)
{
	static const wchar_t *const writing[] = {
		L"O:BAD:(A;;0x2;;;BU)", /* FILE_WRITE_DATA, FILE_ADD_FILE */
		L"O:BAD:(A;;0x4;;;BU)", /* FILE_APPEND_DATA, FILE_ADD_SUBDIRECTORY */
		L"O:BAD:(A;;0x100;;;BU)", /* FILE_WRITE_ATTRIBUTES */
		L"O:BAD:(A;;GW;;;WD)",
	}, *const taking[] = {
		L"O:BAD:(A;;0x40;;;BU)", /* FILE_DELETE_CHILD */
		L"O:BAD:(A;;SD;;;BU)",
		L"O:BAD:(A;;WD;;;BU)",
		L"O:BAD:(A;;WO;;;AU)",
		L"O:BAD:(A;;GA;;;WD)",
		L"O:BAD:(A;;FA;;;S-1-5-21-1-2-3-1001)",
		L"O:BAD:(D;;FA;;;BU)(A;;FA;;;BU)", /* the order may be another */
	};

	for (size_t i = 0; i < sizeof writing / sizeof writing[0]; i++) {
		assert_that(!holds(writing[i], TRUST_CLOSED), "%ls", writing[i]);
		assert_that(holds(writing[i], TRUST_HOLDS), "%ls", writing[i]);
	}
	for (size_t i = 0; i < sizeof taking / sizeof taking[0]; i++) {
		assert_that(!holds(taking[i], TRUST_CLOSED), "%ls", taking[i]);
		assert_that(!holds(taking[i], TRUST_HOLDS), "%ls", taking[i]);
	}
}

/* Without a list everybody may do everything; with one that is empty nobody. */
TEST(no_list_of_rights_is_every_right)
{
	SECURITY_DESCRIPTOR descriptor;
	uint8_t owner[SECURITY_MAX_SID_SIZE];
	DWORD size = sizeof owner;

	assert_true(InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION));
	assert_true(CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, owner, &size));
	assert_true(SetSecurityDescriptorOwner(&descriptor, owner, FALSE));
	assert_false(trust_descriptor(&descriptor, TRUST_HOLDS));
	assert_true(SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE));
	assert_false(trust_descriptor(&descriptor, TRUST_HOLDS));
	assert_true(holds(L"O:BAD:", TRUST_CLOSED));
}

/* What only is handed down to new files is no right on the folder; in one that must be closed new files are ours. */
TEST(rights_for_what_is_to_be_made_count_where_nobody_may_make_anything)
{
	assert_true(holds(L"O:BAD:(A;OIIO;FA;;;BU)", TRUST_HOLDS));
	assert_false(holds(L"O:BAD:(A;OIIO;FA;;;BU)", TRUST_CLOSED));
}

TEST(a_refusal_takes_nothing_from_trust)
{
	assert_true(holds(L"O:BAD:(D;;FA;;;BU)(A;;FR;;;BU)", TRUST_CLOSED));
}

TEST(what_is_not_there_is_unseen)
{
	assert_int_equal(trust_look(L"C:\\no such folder", TRUST_CLOSED), TRUST_UNSEEN);
	assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
}

/* It is not the environment that says where the folder is. */
TEST(the_folder_of_programs_is_the_systems_answer)
{
	char before[MAX_PATH], after[MAX_PATH];

	program_data_path(before, sizeof before, "portroom");
	_putenv("ProgramData=C:\\elsewhere");
	SetEnvironmentVariableA("ProgramData", "C:\\elsewhere");
	program_data_path(after, sizeof after, "portroom");
	assert_string_equal(before, after);
	assert_string_equal(after + 1, ":\\ProgramData\\portroom");
}

SUITE(trust, cmocka_unit_test(a_folder_that_an_administrator_made_holds_a_file_but_is_open),
      cmocka_unit_test(what_others_may_open_is_not_private),
      cmocka_unit_test(what_somebody_else_owns_is_not_believed),
      cmocka_unit_test(each_right_to_change_it_is_one_too_many),
      cmocka_unit_test(no_list_of_rights_is_every_right),
      cmocka_unit_test(rights_for_what_is_to_be_made_count_where_nobody_may_make_anything),
      cmocka_unit_test(a_refusal_takes_nothing_from_trust),
      cmocka_unit_test(what_is_not_there_is_unseen),
      cmocka_unit_test(the_folder_of_programs_is_the_systems_answer));
