/*
 * tlsrpt.h - what became of TLS on the way to mail exchangers, for reports (RFC 8460). Private to this room, but for the report.
 *
 * Each session by MX that came as far as TLS is a line of JSON (tlsrpt/tlsrpt.h says which); at the end of a run, or when there are many,
 * surat-tlsrpt takes them: who sends loads no database. A domain without a policy counts too; a host that could not be reached does not.
 */
#ifndef SURAT_SUBMIT_TLSRPT_H
#define SURAT_SUBMIT_TLSRPT_H

#include "submit/host.h"

/* The session to the host at hand was opened, or was not. */
void submit_tlsrpt_session(struct submit *s, bool opened);
/* A host that may not be used: DNSSEC or the policy say so. */
void submit_tlsrpt_refused(
    struct submit *s, const struct route_plan *plan, const struct route_host *h);
/* Hands over what there is. What cannot be kept is lost: no message waits for a report. */
void submit_tlsrpt_flush(struct submit *s);

#endif
