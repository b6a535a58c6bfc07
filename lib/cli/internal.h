/*
 * internal.h - what the files of this room share and no program needs.
 */
#ifndef SURAT_CLI_INTERNAL_H
#define SURAT_CLI_INTERNAL_H

#include "cli/cli.h"

/* The code of cli_end: no sysexits value. */
enum { CLI_ENDED = -1 };

struct cli_common *cli_common_of(const struct cli_program *p, void *opts);
/* The group of struct cli_common, as every program has it. */
struct cli_group cli_common_group(size_t offset);
/* One value into its field; value NULL where the option was given without one. EX_USAGE. */
int cli_value_set(const struct cli_slot *slot, void *opts, const char *value, struct err *e);
/* yes, true, on, 1; no, false, off, 0. */
bool cli_yes_no(const char *value, bool *out);
/* By long name, hidden ones too. */
bool cli_slot_find(const struct cli_program *p, struct span name, struct cli_slot *slot);
const struct cli_command *cli_command_find(const struct cli_program *p, const char *word);
const struct cli_command *cli_command_by_id(const struct cli_program *p, int id);
/* Whether the group is for this command (-1: none was said). */
bool cli_group_fits(const struct cli_group *g, int command);

/* Whole texts for stdout. */
void cli_help_text(const struct cli_program *p, int command, struct buf *b);
void cli_list_text(const struct cli_program *p, bool keys, struct buf *b);
int cli_completion_text(
    const struct cli_program *p, const char *shell, struct buf *b, struct err *e);

#endif
