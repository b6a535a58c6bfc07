/*
 * confine.h - give up what a program that reads foreign data does not need. Each program calls confine() when its options are
 * parsed and before the first foreign byte is read.
 *
 * What it does today: no core dumps (they would hold mail and secrets), no new privileges. The profiles are the seam for a system call
 * filter: a program states now what it will need.
 */
#ifndef SURAT_IO_CONFINE_H
#define SURAT_IO_CONFINE_H

enum confine_need {
	CONFINE_FILES = 1,   /* opens and creates files */
	CONFINE_NETWORK = 2, /* connects or listens */
	CONFINE_SPAWN = 4,   /* starts other programs */
};
void confine(unsigned needs);
/* For helpers that hand foreign bytes to a large library: no more processor time, time and memory than this, whatever it does with them. The system
 * ends the process that wants more; who started it says so. */
void confine_time_and_memory(unsigned cpu_s, unsigned wall_s, unsigned long memory_bytes);
/* Of that memory, what this process fills by itself: unlike the above without the libraries' own pages, so that it says what is really used. */
void confine_data(unsigned long bytes);

#endif
