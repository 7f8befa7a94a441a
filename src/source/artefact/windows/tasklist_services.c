#include "source/artefact/windows/tasklist_services.h"

#include "source/artefact/windows/told_process.h"

#include <stdbool.h>
#include <string.h>

enum { SYSTEM_PID = 4 };

/* Names of services; modules of tasklist /m are none. */
static bool are_names(struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		const char c = text.text[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') &&
		    !strchr("_-.$, ", c))
			return false;
	}
	return text.length && !span_has(text, ".dll") && !span_has(text, ".exe");
}

/* Between names stands a comma, not a blank alone: "Nicht zutreffend". */
static bool is_sentence(struct span text)
{
	for (size_t i = 1; i < text.length; i++)
		if (text.text[i] == ' ' && text.text[i - 1] != ',')
			return true;
	return false;
}

void tasklist_services_take(struct tasklist_services *services, struct dossier *dossier,
			    int32_t pid, struct span text)
{
	while (text.length &&
	       (text.text[text.length - 1] == ',' || text.text[text.length - 1] == ' '))
		text.length--;
	if ((!pid || pid == SYSTEM_PID) && text.length < sizeof services->none) {
		memcpy(services->none, text.text, text.length);
		services->none_length = text.length;
		return;
	}
	if (text.length == services->none_length &&
	    !memcmp(text.text, services->none, text.length))
		return;
	if (are_names(text) && !is_sentence(text))
		told_process_services(dossier, pid, text);
}
