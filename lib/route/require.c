/* require.c - a letter with REQUIRETLS (RFC 8689): to which of the hosts it may go, and what more is asked of them. */
#include "base/intl.h"
#include "route/job.h"

/* RFC 8689 2: TLS is worth nothing where anybody can name the host. The person named it, DNSSEC did, or the domain's MTA-STS policy does. */
static bool is_name_sure(const struct job *j, const struct route_host *h)
{
	return j->plan->kind == ROUTE_HOST || j->plan->security == ROUTE_SECURE ||
	       h->sts == ROUTE_STS_MATCH;
}

static void refuse(struct job *j, struct route_host *h, const char *why)
{
	err_set(&h->error, EX_UNAVAILABLE, _("REQUIRETLS: %s"), why);
	err_reply(&h->error, 0, "5.7.10");
	job_step(j, &h->steps, "RFC 8689 2, 4.2.1", "%s", h->error.text);
}

static void demand(struct job *j, struct route_host *h)
{
	if (j->plan->kind == ROUTE_LITERAL) {
		refuse(j, h, _("an address has no name that a certificate could be for"));
	} else if (h->tls == ROUTE_TLS_DANE || h->tls == ROUTE_TLS_VERIFY) {
		job_step(j, &h->steps, "RFC 8689 4.2.1",
		    _("REQUIRETLS: the server must offer it after STARTTLS; its certificate is "
		      "checked already"));
	} else if (is_name_sure(j, h)) {
		h->tls = ROUTE_TLS_VERIFY;
		strv_release(&h->names);
		strv_add(&h->names, h->name);
		job_step(j, &h->steps, "RFC 8689 2, 4.2.1",
		    _("REQUIRETLS: TLS with a certificate for this host from a public authority, "
		      "and the server must offer REQUIRETLS, or no delivery"));
	} else {
		refuse(j, h,
		    _("the MX answer is not secure and no MTA-STS policy names this host: "
		      "anybody may have put it there"));
	}
}

void require_apply(struct job *j)
{
	for (size_t i = 0; j->o->require_tls && i < j->plan->host_count; i++)
		if (!j->plan->hosts[i].error.code)
			demand(j, &j->plan->hosts[i]);
}
