/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the packet-trace tool share.
 *
 *	main.c		which scripts, in which variants; TAP
 *	parse.c		a script's lines -> struct event
 *	engine.c	time, the queue of packets seen, the events in turn
 *	spec.c		the notation of a segment -> struct spec
 *	segment.c	struct spec -> bytes -> struct seg
 *	flow.c		connections; struct seg -> the notation
 *	match.c		what was expected against what was seen
 *	net.c		the device, addresses, IP headers, sysctls
 *	calls.c		system calls
 *	options.c	socket options, ioctls, struct tcp_info
 *	names.c		errno, flags: numbers <-> words
 *
 * The notation is described in Documentation/packet-traces.rst.
 *
 * A script runs in a process of its own. So there is one struct run, and what
 * fails may end the process where it stands: see fail().
 */
#ifndef TRACE_H
#define TRACE_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <linux/types.h>
#include <linux/toy.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define NSEC		1000000000LL
#define MSEC		1000000LL
#define ANY		(-1LL)		/* "*": any value will do */

#define MAX_TOKENS	80
#define MAX_SACK	16
#define SERVER_PORT	8080
#define CLIENT_PORT	40000

/* How a program writes an address; see struct variant. */
enum form { FORM_IN, FORM_IN6, FORM_NATIVE };

/* ---- Scripts ---------------------------------------------------------- */

/* When something is done, or has to happen: lo..hi nanoseconds after the
 * event before, or after the start. For what the script does itself only lo
 * counts.
 */
struct when {
	bool given;
	bool absolute;
	bool range;		/* the script has the limits: no tolerance */
	__s64 lo, hi;
};

struct event {
	const char *file;
	int line;
	char *text;		/* as written, for messages */
	struct when when;
	char *tok[MAX_TOKENS];	/* the verb and what follows */
	int ntok;
	char *want[4];		/* what follows "=>" */
	int nwant;
};

struct script {
	char name[64];
	char *skip;		/* why it is not for this run */
	struct event *events;
	int n;
};

struct variant;

struct script *script_load(const char *path, const struct variant *v);
__s64 parse_number(const struct event *ev, const char *text);
__s64 parse_seconds(const struct event *ev, const char *text);

/* ---- Wire ------------------------------------------------------------- */

struct ip_head {
	struct in6_addr src, dst;	/* IPv4: mapped */
	int proto;
	__u8 tos, ttl;
	bool df;
	size_t l4_off, l4_len;
};

/* A network layer: all that differs between IP versions. */
struct l3 {
	const char *name;
	int icmp_proto;
	size_t hdr_len;
	size_t more;		/* of header than IPv4 has, and so of MTU */
	/* A header for len bytes of payload. */
	void (*build)(__u8 *p, const struct ip_head *ip, size_t len);
	/* NULL, or what is wrong with the packet. */
	const char *(*parse)(const __u8 *p, size_t len, struct ip_head *ip);
	/* The checksum of a transport's packet, pseudo header included. */
	__u16 (*csum)(const struct ip_head *ip, const __u8 *p, size_t len);
	/* "port" -> type and code */
	bool (*icmp_name)(const char *name, __u8 *type, __u8 *code);
	void (*icmp_csum)(const struct ip_head *ip, __u8 *p, size_t len);
};

extern const struct l3 l3_ipv4, l3_ipv6;

/* The same script, with other addresses or other words for them. */
struct variant {
	const char *name;
	const struct l3 *l3;
	enum form form;
	const char *stack, *peer;	/* addresses */
	int plen;
};

extern const struct variant variants[];
extern const int n_variants;

enum {
	F_FIN = 1,
	F_SYN = 2,
	F_RST = 4,
	F_PSH = 8,
	F_ACK = 16,
	F_URG = 32,
	F_ECE = 64,
	F_CWR = 128,
	F_AE = 256,
};

enum { ECN_NONE, ECN_ECT1, ECN_ECT0, ECN_CE };

struct sack { __u32 from, to; };

/* A segment as it is on the wire. */
struct seg {
	struct ip_head ip;
	__u16 sport, dport;
	__u32 seq, ack;
	__u16 win, urg, flags;
	__u8 opt[40];
	int optlen;
	const __u8 *data;
	size_t len;
	/* What the options say. */
	int mss, ws;			/* -1: not there */
	bool sackok, has_ts, other;	/* other: an option not named here */
	__u32 tsval, tsecr;
	int nsack;
	struct sack sack[MAX_SACK];
	bool bad_csum, bad_opt;
};

/* One connection as the peer sees it. Numbers in scripts count from both
 * initial sequence numbers.
 */
struct flow {
	char name;
	__u16 stack_port, peer_port;	/* 0: not known yet */
	__u32 stack_isn, peer_isn;
	bool isn_known;
	bool alive;			/* the stack has sent something */
	bool active;			/* the stack has sent the first SYN */
	bool ts_in, ts_out;		/* a SYN of either side had one */
	__u32 last_tsval;		/* the stack's latest */
	__u32 next_seq, last_ack;	/* of the stack, on the wire */
	__u32 ts_base;			/* the peer's clock: this value ... */
	__s64 ts_when;			/* ... at this time */
};

/* ---- The run ---------------------------------------------------------- */

struct packet {
	struct packet *next;
	__s64 time;
	size_t len;
	__u8 data[];
};

/* A socket of the script. */
struct sock {
	char name[16];
	int fd;
	__u32 rd, wr;		/* offsets in the streams: next byte */
};

/* A system call: of the main thread, or of one that may sleep in it. */
struct job {
	const struct event *ev;
	char **arg;		/* verb, arguments */
	int narg;
	struct sock *sock;
	bool background;
	atomic_bool done;
	__s64 time;		/* when it returned */
	long ret;
	int err;
	bool has_text;
	char text[160];		/* an answer that is no number */
	long whole;		/* what success is if the script does not say */
	bool poll_bits;
};

struct run {
	const struct variant *v;
	bool toy, verbose, travel;
	struct in6_addr stack, peer;
	int tun, wake;
	__s64 start, last;	/* the clock at the start, the last event */
	__s64 slack;		/* extra tolerance, for slow machines */
	const struct event *ev;	/* being worked on */
	struct packet *head, **tail;
	bool check_data;
};

extern struct run run;

__s64 now(void);
void run_script(const struct script *s);
void fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void show(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void usage_error(const struct event *ev, const char *what, const char *word)
	__attribute__((noreturn));
bool in_time(const struct when *w, __s64 base, __s64 seen);
void time_limits(const struct when *w, __s64 base, __s64 *lo, __s64 *hi);

/* ---- Segments --------------------------------------------------------- */

enum opt_kind { OPT_MSS, OPT_WS, OPT_SACKOK, OPT_TS, OPT_SACK, OPT_NOP,
		OPT_EOL, OPT_RAW };

/* A value of the stack's clock: a name, and milliseconds from there. */
struct ts_ref { char name; __s64 off; };

struct opt {
	enum opt_kind kind;
	__s64 value;
	struct ts_ref ref;	/* of ts: the stack's own value */
	__s64 other;		/* of ts: the peer's value, ANY, or AUTO */
	int nsack;
	struct sack sack[MAX_SACK];
	__u8 raw[40];
};

#define AUTO		(-2LL)

/* What a line says about a segment. */
struct spec {
	bool out, maybe;
	struct flow *flow;
	__u16 flags;
	bool push_free;		/* 'p': PSH or not */
	__s64 seq, ack;		/* relative, or ANY */
	bool seq_abs, ack_abs;
	__s64 len, win_lo, win_hi, urg;
	int ecn;		/* -1: not looked at */
	int tos, ttl, df;	/* the same */
	struct opt opt[16];
	int nopt;
	bool any_opt, no_opt, no_ts;
	bool bad_sum;
	int doff;
	int segs;		/* in how many segments; ANY */
};

/* An ICMP error about a segment that the stack has sent. */
struct icmp_spec {
	struct flow *flow;
	__u8 type, code;
	__s64 seq;
	bool seq_abs;
	__u32 mtu;
	size_t bytes;		/* of the segment that are quoted */
};

void spec_parse(const struct event *ev, struct spec *s);
struct flow *flow_get(const struct event *ev, const char *suffix);
struct flow *flow_of(const struct seg *seg);
bool flow_sees(struct flow *f, const struct seg *seg);
void flows_reset(void);
void flow_directive(const struct event *ev);
const char *seg_parse(const __u8 *p, size_t len, struct seg *seg);
size_t seg_build(const struct spec *s, __u8 *p);
size_t rst_build(const struct flow *f, __u8 *p);
void icmp_parse(const struct event *ev, struct icmp_spec *s);
size_t icmp_build(const struct icmp_spec *s, __u8 *p);
const char *seg_text(const struct seg *seg, const struct flow *f);
__u8 stream_byte(__u32 seq);
__u32 *ts_name(char name, bool **bound);
const char *flag_letters(int flags);

void match_out(const struct event *ev, const struct spec *s);
struct packet *next_packet(__s64 until, struct seg *seg, struct flow **f);
bool first_waiting(struct seg *seg, struct flow **f);

/* ---- The rest --------------------------------------------------------- */

void net_setup(void);
void net_send(const __u8 *p, size_t len);
void net_mtu(const char *mtu);
void net_sysctl(const struct event *ev);
socklen_t net_addr(struct sockaddr_storage *a, const struct in6_addr *ip,
		   int port);
const char *net_addr_text(const struct sockaddr_storage *a);
int net_domain(void);

bool call_known(const char *verb);
struct job *call_prepare(const struct event *ev, int first);
void call_run(struct job *j);
void call_check(const struct job *j, const struct event *ev);
struct sock *sock_find(const struct event *ev, const char *name);
void sock_info(const struct event *ev);
void signals_init(void);
void call_setsockopt(struct job *j);
void call_getsockopt(struct job *j);
void call_ioctl(struct job *j);

const char *errno_word(int err);
int errno_of(const char *word);	/* -1: no such word */
long flag_set(const struct event *ev, const char *words, const char *what);
const char *poll_words(int bits);
int tcp_state_of(const char *word);

#endif /* TRACE_H */
