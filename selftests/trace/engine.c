// SPDX-License-Identifier: GPL-2.0-only
/*
 * A script's events in turn.
 *
 * Everything that the stack sends is queued with the time at which it came. A
 * line that expects a packet takes the first in the queue; a line that does
 * something (a segment in, a system call) finds the queue empty, or a packet
 * came which nobody expects. So the order of packets is checked completely,
 * and silence need not be written down.
 *
 * With virtual time (UML's time-travel=inf-cpu) the clock stands still while
 * somebody works, and jumps when all sleep.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

#define MAX_JOBS	8
#define MAX_LOG		24

struct run run;

static struct job *jobs[MAX_JOBS];
static char *log_lines[MAX_LOG];	/* what has happened last */
static int n_log;

__s64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

/* ---- What the reader sees --------------------------------------------- */

/* A line of the story: printed at once when verbose, or if things go wrong. */
void show(const char *fmt, ...)
{
	char text[1024];
	va_list args;
	char **slot;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (run.verbose) {
		printf("#   %s\n", text);
		fflush(stdout);
		return;
	}
	slot = &log_lines[n_log++ % MAX_LOG];
	free(*slot);
	*slot = strdup(text);
}

static void show_log(void)
{
	int i = n_log > MAX_LOG ? n_log - MAX_LOG : 0;

	if (i)
		printf("#   ... (-v shows all)\n");
	for (; i < n_log; i++)
		printf("#   %s\n", log_lines[i % MAX_LOG]);
}

/* The queue is shown too: what came after the surprise may explain it. */
static void show_queue(void)
{
	struct seg seg;
	struct flow *f;
	int i;

	for (i = 0; i < 5 && first_waiting(&seg, &f); i++) {
		struct packet *p = run.head;

		printf("#   waiting: %+.6f out %s\n",
		       (double)(p->time - run.start) / NSEC, seg_text(&seg, f));
		run.head = p->next;
	}
}

void fail(const char *fmt, ...)
{
	const struct event *ev = run.ev;
	va_list args;

	show_log();
	if (ev)
		printf("# %s:%d: %s\n", ev->file, ev->line, ev->text);
	printf("# %+.6f ", (double)(now() - run.start) / NSEC);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	show_queue();
	fflush(stdout);
	/* The stack has a name for each drop. */
	if (run.toy && system("toy stat 'Drop*' 2>&1 | sed 's/^/#   /'"))
		printf("#   (no counters)\n");
	fflush(stdout);
	_exit(1);
}

/* ---- Time ------------------------------------------------------------- */

/*
 * Linux's timers beyond 64 ticks have a granularity of 1/8 of their length:
 * they may be that late, never early. The tick itself is a millisecond.
 */
void time_limits(const struct when *w, __s64 base, __s64 *lo, __s64 *hi)
{
	if (w->absolute)
		base = run.start;
	*lo = base + w->lo - 2 * MSEC;
	*hi = base + w->hi + 3 * MSEC + run.slack;
	if (!w->range)
		*hi += w->lo / 8;
}

bool in_time(const struct when *w, __s64 base, __s64 seen)
{
	__s64 lo, hi;

	time_limits(w, base, &lo, &hi);
	return seen >= lo && seen <= hi;
}

/* Queue what the stack has sent. */
static void drain(void)
{
	static __u8 buf[65536];
	struct packet *p;
	ssize_t len;

	for (;;) {
		len = read(run.tun, buf, sizeof(buf));
		if (len <= 0)
			return;
		p = malloc(sizeof(*p) + len);
		p->next = NULL;
		p->time = now();
		p->len = len;
		memcpy(p->data, buf, len);
		if (!run.head)
			run.tail = &run.head;
		*run.tail = p;
		run.tail = &p->next;
	}
}

/* Sleep until that time, or something happens. False at that time. */
static bool sleep_until(__s64 until)
{
	struct pollfd fds[] = {
		{ .fd = run.tun, .events = POLLIN },
		{ .fd = run.wake, .events = POLLIN },
	};
	__s64 left = until - now();
	struct timespec ts;
	__u64 count;

	if (left <= 0)
		return false;
	ts.tv_sec = left / NSEC;
	ts.tv_nsec = left % NSEC;
	ppoll(fds, ARRAY_SIZE(fds), &ts, NULL);
	if (fds[1].revents &&
	    read(run.wake, &count, sizeof(count)) != sizeof(count))
		return true;
	return true;
}

/* Let everybody else come to rest: soft interrupts, threads. */
static void settle(void)
{
	struct timespec ts = { .tv_nsec = run.travel ? 10000 : 2 * MSEC };

	nanosleep(&ts, NULL);
	drain();
}

/* The first packet in the queue, if it is TCP. Others (IGMP, our own ICMP
 * errors' echoes) are nobody's business here.
 */
bool first_waiting(struct seg *seg, struct flow **f)
{
	const char *why;
	struct packet *p;

	while ((p = run.head)) {
		why = seg_parse(p->data, p->len, seg);
		if (!why) {
			*f = flow_of(seg);
			return true;
		}
		show("%+.6f (%s, %zu bytes)",
		     (double)(p->time - run.start) / NSEC, why, p->len);
		run.head = p->next;
		free(p);
	}
	return false;
}

/* Take the next segment; NULL if none comes before that time. */
struct packet *next_packet(__s64 until, struct seg *seg, struct flow **f)
{
	struct packet *p;

	for (;;) {
		drain();
		if (first_waiting(seg, f))
			break;
		if (!sleep_until(until)) {
			drain();
			if (first_waiting(seg, f))
				break;
			return NULL;
		}
	}
	p = run.head;
	run.head = p->next;
	return p;
}

/* Wait for the time of something that the script does. */
static void wait_for(const struct event *ev)
{
	__s64 base = ev->when.absolute ? run.start : run.last;

	while (sleep_until(base + ev->when.lo))
		drain();
	settle();
}

static void nothing_waits(const char *before)
{
	struct seg seg;
	struct flow *f;

	if (!first_waiting(&seg, &f))
		return;
	fail("a packet that no line expects%s", before);
}

/* ---- System calls ----------------------------------------------------- */

static void *job_thread(void *arg)
{
	struct job *j = arg;
	sigset_t set;
	__u64 one = 1;

	/* The watchdog's signal is the main thread's. */
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_TIMERSLACK, 1);
	call_run(j);
	j->time = now();
	j->done = true;
	if (write(run.wake, &one, sizeof(one)) != sizeof(one))
		abort();
	return NULL;
}

static void start_call(const struct event *ev)
{
	struct job *j = call_prepare(ev, 1);
	pthread_t thread;
	int i;

	for (i = 0; i < MAX_JOBS && jobs[i]; i++)
		;
	if (i == MAX_JOBS)
		usage_error(ev, "too many calls at once", NULL);
	j->background = true;
	jobs[i] = j;
	show("%+.6f start: %s", (double)(now() - run.start) / NSEC, ev->text);
	if (pthread_create(&thread, NULL, job_thread, j))
		fail("pthread_create failed");
	settle();
}

/* "finish NAME": the call on that socket; alone, the one that was started. */
static int find_job(const struct event *ev)
{
	int i, found = -1;

	for (i = 0; i < MAX_JOBS; i++) {
		if (!jobs[i])
			continue;
		if (ev->ntok > 1 && strcmp(jobs[i]->arg[1], ev->tok[1]))
			continue;
		if (found >= 0)
			usage_error(ev, "which call?", NULL);
		found = i;
	}
	if (found < 0)
		usage_error(ev, "no such call has been started", NULL);
	return found;
}

static void finish(const struct event *ev)
{
	int i = find_job(ev);
	struct job *j = jobs[i];
	__s64 lo, hi;

	time_limits(&ev->when, run.last, &lo, &hi);
	while (!j->done && sleep_until(hi))
		drain();
	drain();
	if (!j->done)
		fail("the call still sleeps: %s", j->ev->text);
	if (j->time < lo || j->time > hi)
		fail("the call ended at %+.6f, expected at %+.6f..%+.6f: %s",
		     (double)(j->time - run.start) / NSEC,
		     (double)(lo - run.start) / NSEC,
		     (double)(hi - run.start) / NSEC, j->ev->text);
	call_check(j, ev->nwant ? ev : j->ev);
	/* Its packets may come after; what follows counts from now. */
	run.last = j->time > run.last ? j->time : run.last;
	jobs[i] = NULL;
}

/* In the main thread: a call that sleeps for seconds is interrupted. */
static void call(const struct event *ev)
{
	struct itimerval dog = { .it_value.tv_sec = 3 }, off = {};
	struct job *j = call_prepare(ev, 0);

	setitimer(ITIMER_REAL, &dog, NULL);
	call_run(j);
	setitimer(ITIMER_REAL, &off, NULL);
	call_check(j, ev);
}

/* ---- Events ----------------------------------------------------------- */

static void icmp_in(const struct event *ev)
{
	struct icmp_spec s;
	__u8 buf[256];

	icmp_parse(ev, &s);
	show("%+.6f %s", (double)(now() - run.start) / NSEC, ev->text);
	net_send(buf, icmp_build(&s, buf));
}

static void segment_in(const struct event *ev)
{
	static __u8 buf[65536];
	struct seg seg;
	struct spec s;
	size_t len;

	spec_parse(ev, &s);
	len = seg_build(&s, buf);
	seg_parse(buf, len, &seg);
	show("%+.6f in  %s", (double)(now() - run.start) / NSEC,
	     seg_text(&seg, s.flow));
	net_send(buf, len);
}

static void segment_out(const struct event *ev)
{
	struct spec s;

	spec_parse(ev, &s);
	match_out(ev, &s);
}

static void ignore(void)
{
	struct seg seg;
	struct flow *f;

	while (first_waiting(&seg, &f)) {
		struct packet *p = run.head;

		if (f)
			flow_sees(f, &seg);
		show("%+.6f out %s (ignored)",
		     (double)(p->time - run.start) / NSEC, seg_text(&seg, f));
		run.head = p->next;
		free(p);
	}
}

/* What the script does. Those that wait for something came before. */
static void act(const struct event *ev)
{
	const char *verb = ev->tok[0];

	if (!strncmp(verb, "in", 2) && (!verb[2] || verb[2] == '.'))
		segment_in(ev);
	else if (!strncmp(verb, "icmp", 4))
		icmp_in(ev);
	else if (!strcmp(verb, "quiet"))
		show("%+.6f quiet", (double)(now() - run.start) / NSEC);
	else if (!strcmp(verb, "ignore"))
		ignore();
	else if (!strcmp(verb, "start"))
		start_call(ev);
	else if (!strncmp(verb, "sysctl", 6))
		net_sysctl(ev);
	else if (!strcmp(verb, "mtu") && ev->ntok == 2)
		net_mtu(ev->tok[1]);
	else if (!strcmp(verb, "flow"))
		flow_directive(ev);
	else if (!strcmp(verb, "data") && ev->ntok == 2)
		run.check_data = strcmp(ev->tok[1], "off");
	else if (!strcmp(verb, "info"))
		sock_info(ev);
	else
		call(ev);
}

static void step(const struct event *ev)
{
	run.ev = ev;
	/* These are about the script, not about what happens. */
	if (!strcmp(ev->tok[0], "flow") || !strcmp(ev->tok[0], "data")) {
		act(ev);
		return;
	}
	if (!strncmp(ev->tok[0], "out", 3)) {
		segment_out(ev);
		return;
	}
	if (!strcmp(ev->tok[0], "finish")) {
		finish(ev);
		return;
	}
	wait_for(ev);
	if (strcmp(ev->tok[0], "ignore"))
		nothing_waits(" came before this line");
	run.last = now();
	act(ev);
}

void run_script(const struct script *s)
{
	int i;

	run.tail = &run.head;
	run.check_data = true;
	run.wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	prctl(PR_SET_TIMERSLACK, 1);
	signals_init();
	net_setup();
	settle();
	run.head = NULL;
	run.start = now();
	run.last = run.start;
	for (i = 0; i < s->n; i++)
		step(&s->events[i]);
	settle();
	for (i = 0; i < MAX_JOBS; i++)
		if (jobs[i])
			fail("never finished: %s", jobs[i]->ev->text);
	nothing_waits(" came at the end");
	flows_reset();
}
