#include "mime/shape.h"

bool mime_part_is(const struct mime_part *part, const char *type)
{
	const char *slash = strchr(type, '/');
	size_t n = slash ? (size_t)(slash - type) : strlen(type);
	if (strncmp(part->type, type, n) != 0 || part->type[n])
		return false;
	return !slash || strcmp(part->subtype, slash + 1) == 0;
}

bool mime_part_is_attachment(const struct mime_part *part)
{
	if (!part->leaf && !part->is_message)
		return false;
	if (part->disposition == MIME_ATTACHMENT)
		return true;
	if (!part->filename.len)
		return false;
	bool related = part->parent && strcmp(part->parent->subtype, "related") == 0;
	bool shown = part->disposition == MIME_INLINE && mime_part_is(part, "text");
	return !shown && !(related && part->content_id.len);
}

const char *mime_part_number(const struct mime_part *part)
{
	return part->number[0] || !part->leaf ? part->number : "1";
}
