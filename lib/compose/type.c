#include "base/alloc.h"
#include "codec/utf8.h"
#include "compose/file.h"

static const struct {
	const char *ending, *type;
} endings[] = {
    {".7z", "application/x-7z-compressed"},
    {".aac", "audio/aac"},
    {".avi", "video/x-msvideo"},
    {".avif", "image/avif"},
    {".bmp", "image/bmp"},
    {".bz2", "application/x-bzip2"},
    {".c", "text/x-c"},
    {".css", "text/css"},
    {".csv", "text/csv"},
    {".deb", "application/vnd.debian.binary-package"},
    {".diff", "text/x-diff"},
    {".doc", "application/msword"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".eml", "message/rfc822"},
    {".epub", "application/epub+zip"},
    {".exe", "application/vnd.microsoft.portable-executable"},
    {".flac", "audio/flac"},
    {".gif", "image/gif"},
    {".gz", "application/gzip"},
    {".heic", "image/heic"},
    {".htm", "text/html"},
    {".html", "text/html"},
    {".ics", "text/calendar"},
    {".iso", "application/vnd.efi.iso"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript"},
    {".json", "application/json"},
    {".log", "text/plain"},
    {".m4a", "audio/mp4"},
    {".md", "text/markdown"},
    {".mkv", "video/matroska"},
    {".mov", "video/quicktime"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".mpeg", "video/mpeg"},
    {".odp", "application/vnd.oasis.opendocument.presentation"},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {".odt", "application/vnd.oasis.opendocument.text"},
    {".ogg", "audio/ogg"},
    {".opus", "audio/ogg"},
    {".patch", "text/x-diff"},
    {".pdf", "application/pdf"},
    {".pgp", "application/pgp-encrypted"},
    {".png", "image/png"},
    {".ppt", "application/vnd.ms-powerpoint"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".ps", "application/postscript"},
    {".rtf", "application/rtf"},
    {".sh", "text/x-shellscript"},
    {".svg", "image/svg+xml"},
    {".tar", "application/x-tar"},
    {".tgz", "application/gzip"},
    {".tif", "image/tiff"},
    {".tiff", "image/tiff"},
    {".tsv", "text/tab-separated-values"},
    {".txt", "text/plain"},
    {".vcf", "text/vcard"},
    {".wav", "audio/x-wav"},
    {".webm", "video/webm"},
    {".webp", "image/webp"},
    {".xls", "application/vnd.ms-excel"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".xml", "application/xml"},
    {".xz", "application/x-xz"},
    {".yaml", "application/yaml"},
    {".zip", "application/zip"},
    {".zst", "application/zstd"},
};

static const struct {
	size_t at;
	struct span bytes;
	const char *type;
} heads[] = {
    {0, {"\x89PNG\r\n\x1a\n", 8}, "image/png"},
    {0, {"\xff\xd8\xff", 3}, "image/jpeg"},
    {0, {"GIF8", 4}, "image/gif"},
    {8, {"WEBP", 4}, "image/webp"},
    {0, {"%PDF-", 5}, "application/pdf"},
    {0, {"%!PS", 4}, "application/postscript"},
    {0, {"PK\3\4", 4}, "application/zip"},
    {0, {"\x1f\x8b", 2}, "application/gzip"},
    {0,
	{"\xfd"
	 "7zXZ\0",
	    6},
	"application/x-xz"},
    {0, {"\x28\xb5\x2f\xfd", 4}, "application/zstd"},
    {0, {"7z\xbc\xaf\x27\x1c", 6}, "application/x-7z-compressed"},
    {0, {"OggS", 4}, "audio/ogg"},
    {0, {"fLaC", 4}, "audio/flac"},
    {0, {"ID3", 3}, "audio/mpeg"},
    {4, {"ftyp", 4}, "video/mp4"},
    {0, {"\x1a\x45\xdf\xa3", 4}, "video/matroska"},
};

/* Lines of text, a character cut at the end allowed. */
static bool is_text(struct span head)
{
	struct span whole = span_take(head, head.len - utf8_cut_tail(head));
	for (size_t i = 0; i < whole.len; i++) {
		unsigned char c = (unsigned char)whole.ptr[i];
		if ((c < 32 && !is_space((char)c) && c != 27) || c == 127)
			return false;
	}
	return whole.len && utf8_valid(whole);
}

const char *file_type(struct span name, struct span head)
{
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (span_ends_nocase(name, endings[i].ending))
			return endings[i].type;
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct span there = span_take(span_skip(head, heads[i].at), heads[i].bytes.len);
		if (span_eq(there, heads[i].bytes))
			return heads[i].type;
	}
	return is_text(head) ? "text/plain" : "application/octet-stream";
}
