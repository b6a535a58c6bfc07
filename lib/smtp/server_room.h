/*
 * server_room.h - what the server's files share. Private to the room.
 */
#ifndef SURAT_SMTP_SERVER_ROOM_H
#define SURAT_SMTP_SERVER_ROOM_H

#include "smtp/server.h"

/* One reply; text is ours or a person's, made fit for a line. Goes out when more input is waited for. */
void smtp_server_reply(struct smtp_server *s, int code, const char *enhanced, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for text of several lines (LF). */
void smtp_server_reply_lines(
    struct smtp_server *s, int code, const char *enhanced, struct span text);
/* The reply that fits an error. */
void smtp_server_refuse(struct smtp_server *s, const struct err *why);
/* The same after a command that was wrong in itself: too many end the session. */
void smtp_server_bad(struct smtp_server *s, int code, const char *enhanced, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void smtp_server_reset(struct smtp_server *s);
int64_t smtp_server_timeout_ms(const struct smtp_server *s);
const char *smtp_server_name(const struct smtp_server *s);
size_t smtp_server_recipients_max(const struct smtp_server *s);
/* One command's line, without its line end. -1 ends the session. */
int smtp_server_command(struct smtp_server *s, struct span line, struct err *e);

/* "FROM:<path> KEY=VALUE..." behind MAIL or RCPT. keyword: "FROM:" or "TO:". The path without <> and source route in *path, the rest in *params. */
bool smtp_path_cut(struct span *args, const char *keyword, struct span *path);
/* The next KEY[=VALUE]; false at the end. */
bool smtp_param_next(struct span *params, struct span *key, struct span *value);

/* DATA and BDAT. -1 ends the session: the stream's error, or the client broke the rules. */
int smtp_server_data(struct smtp_server *s, struct err *e);
int smtp_server_bdat(struct smtp_server *s, struct span args, struct err *e);

#endif
