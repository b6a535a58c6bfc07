/*
 * gmime-parse [-l]: the peer of `mail-read parts --quiet`: reads names of files, parses each message with GMime 3 and decodes all its leaves (text to
 * UTF-8) into nothing. Prints how many messages and leaves, and the bytes of the leaves. -l: the type of each part, and its decoded size ("-" where it has parts).
 */
#include <gmime/gmime.h>
#include <stdio.h>
#include <string.h>

struct sums {
	unsigned long messages, leaves, bytes;
	int list;
};

static void decode(GMimePart *part, struct sums *s)
{
	GMimeStream *null = g_mime_stream_null_new(), *out = null;
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	const char *charset =
	    g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");
	if (GMIME_IS_TEXT_PART(part) && charset && !s->list) {
		GMimeFilter *filter = g_mime_filter_charset_new(charset, "utf-8");
		out = g_mime_stream_filter_new(null);
		g_object_unref(null);
		if (filter) {
			g_mime_stream_filter_add(GMIME_STREAM_FILTER(out), filter);
			g_object_unref(filter);
		}
	}
	if (content) {
		ssize_t n = g_mime_data_wrapper_write_to_stream(content, out);
		s->bytes += n > 0 ? (unsigned long)n : 0;
		if (s->list)
			printf(" %zd\n", n);
	} else if (s->list) {
		printf(" 0\n");
	}
	s->leaves++;
	g_object_unref(out);
}

static void each(GMimeObject *parent, GMimeObject *part, gpointer data)
{
	struct sums *s = data;
	(void)parent;
	if (s->list) {
		GMimeContentType *type = g_mime_object_get_content_type(part);
		char *name = g_mime_content_type_get_mime_type(type);
		char *lower = g_ascii_strdown(name, -1);
		printf(GMIME_IS_PART(part) ? "%s" : "%s -\n", lower);
		g_free(lower);
		g_free(name);
	}
	if (GMIME_IS_PART(part))
		decode(GMIME_PART(part), data);
	if (GMIME_IS_MESSAGE_PART(part)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
		if (inner)
			g_mime_message_foreach(inner, each, data);
	}
}

static int parse(const char *path, struct sums *s)
{
	GMimeStream *stream = g_mime_stream_file_open(path, "r", NULL);
	if (!stream) {
		perror(path);
		return -1;
	}
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	if (message)
		g_mime_message_foreach(message, each, s);
	s->messages++;
	if (message)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	return 0;
}

int main(int argc, char **argv)
{
	struct sums s = {.list = argc > 1 && strcmp(argv[1], "-l") == 0};
	char line[4096];
	g_mime_init();
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		parse(line, &s);
	}
	if (!s.list)
		printf("%lu messages, %lu leaves, %lu bytes\n", s.messages, s.leaves, s.bytes);
	g_mime_shutdown();
	return 0;
}
