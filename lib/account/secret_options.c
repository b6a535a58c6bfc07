/* The options of the programs that sign in, apart from signing in: mail-queue only hands them on, and loads no cryptography for that. */
#include "account/account.h"
#include "base/alloc.h"
#include "base/intl.h"

static const struct cli_option options[] = {
    CLI_STRING(0, "auth", "MECH", struct cli_secrets, auth,
	N_("how to sign in: auto, off, or a mechanism such as scram-sha-256")),
    CLI_STRING(0, "user", N_("NAME"), struct cli_secrets, user, N_("the name to sign in with")),
    CLI_STRING(0, "password-command", N_("COMMAND"), struct cli_secrets, password_command,
	N_("the first line it prints is the password")),
    CLI_STRING(0, "password-file", N_("FILE"), struct cli_secrets, password_file,
	N_("the first line in it is the password")),
};

struct cli_group cli_secrets_group(size_t offset)
{
	return (struct cli_group){_("Signing in"), options, ARRAY_LEN(options), offset, 0};
}
