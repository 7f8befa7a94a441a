#pragma once

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

/*
 * The kernel's structures, as far as our programs read them. Where a member really lies is settled when
 * a program is loaded, from the running kernel's own description of its types (BTF), so order and gaps
 * mean nothing here; names and kinds of members must be the kernel's. A member that only some kernels
 * have is asked for with bpf_core_field_exists().
 *
 * Names and meaning as of Linux 6.1 to 6.18: include/net/sock.h, inet_hashtables.h,
 * inet_timewait_sock.h, net_namespace.h, udp.h; include/linux/sched.h, fdtable.h, net.h.
 */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

struct timespec64 {
	s64 tv_sec;
};

/* Nodes of lists begin with the pointer to the next: next_node(). */
struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_nulls_node {
	struct hlist_nulls_node *next;
};

struct hlist_nulls_head {
	struct hlist_nulls_node *first;
};

typedef struct {
	struct net *net;
} possible_net_t;

typedef struct {
	u32 val;
} kuid_t;

struct in6_addr {
	union {
		u8 u6_addr8[16];
	} in6_u;
};

typedef struct {
	s64 counter;
} atomic64_t;

struct proto {
	union {
		struct udp_table *udp_table;
	} h;
};

struct sock_common {
	u32 skc_daddr, skc_rcv_saddr;
	u32 skc_hash;
	u16 skc_dport, skc_num;
	u16 skc_family;
	volatile u8 skc_state;
	u8 skc_reuse : 4;
	u8 skc_reuseport : 1;
	u8 skc_ipv6only : 1;
	int skc_bound_dev_if;
	struct proto *skc_prot;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
	struct hlist_node skc_node;
	struct hlist_nulls_node skc_nulls_node;
};

struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
	kuid_t sk_uid;
	int sk_err;
	u8 sk_shutdown;
	u16 sk_protocol;
	u16 sk_type;
	unsigned long sk_ino; /* since Linux 6.18 */
};

struct inet_sock {
	struct sock sk;
	u16 inet_sport;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct inet_bind_bucket *icsk_bind_hash;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
};

struct timer_list {
	unsigned long expires;
};

struct inet_timewait_sock {
	struct sock_common __tw_common;
	volatile u8 tw_substate;
	u32 tw_entry_stamp; /* since Linux 6.14, with tcp_tw_reuse_delay */
	struct timer_list tw_timer;
	struct inet_bind_bucket *tw_tb;
};

struct tcp_timewait_sock {
	struct inet_timewait_sock tw_sk;
	int tw_ts_recent_stamp;
};

struct inet_bind_bucket {
	possible_net_t ib_net;
	int l3mdev;
	unsigned short port;
	signed char fastreuse, fastreuseport;
	struct hlist_node node;
	struct hlist_head bhash2; /* since Linux 6.8 */
};

struct inet_bind_hashbucket {
	struct hlist_head chain;
};

struct inet_listen_hashbucket {
	struct hlist_nulls_head nulls_head;
};

struct inet_hashinfo {
	struct inet_ehash_bucket *ehash; /* each the head of a chain, nothing else */
	unsigned int ehash_mask;
	struct inet_bind_hashbucket *bhash;
	unsigned int bhash_size;
	struct inet_listen_hashbucket *lhash2;
	unsigned int lhash2_mask;
};

struct udp_hslot {
	struct hlist_head head;
};

struct udp_table {
	struct udp_hslot *hash;
	unsigned int mask;
};

struct inet_timewait_death_row {
	struct inet_hashinfo *hashinfo;
	int sysctl_max_tw_buckets;
};

struct local_ports {
	u32 range; /* the last in the upper half */
};

struct netns_ipv4 {
	struct inet_timewait_death_row tcp_death_row;
	struct udp_table *udp_table; /* since Linux 6.2 */
	struct local_ports ip_local_ports;
	unsigned long *sysctl_local_reserved_ports; /* a bit a port */
	u8 sysctl_ip_autobind_reuse;
	u8 sysctl_tcp_syn_retries;
	u8 sysctl_tcp_syn_linear_timeouts; /* since Linux 6.5 */
	u8 sysctl_tcp_timestamps;
	u8 sysctl_tcp_tw_reuse;
	unsigned int sysctl_tcp_tw_reuse_delay; /* since Linux 6.14 */
	int sysctl_tcp_fin_timeout;		/* in ticks */
	int sysctl_tcp_fastopen;
	int sysctl_ip_prot_sock;
};

struct netns_sysctl_ipv6 {
	u8 bindv6only;
};

struct netns_ipv6 {
	struct netns_sysctl_ipv6 sysctl;
};

struct ns_common {
	const struct proc_ns_operations *ops;
	unsigned int inum;
};

struct net {
	struct list_head list;
	struct ns_common ns;
	u32 hash_mix;
	struct netns_ipv4 ipv4;
	struct netns_ipv6 ipv6;
};

/* Before Linux 6.8. */
struct local_ports___two {
	int range[2];
};

struct netns_ipv4___two {
	struct local_ports___two ip_local_ports;
};

struct net___two {
	struct netns_ipv4___two ipv4;
};

struct nsproxy {
	struct net *net_ns;
};

struct file_operations;

struct file {
	const struct file_operations *f_op;
	void *private_data;
	struct inode *f_inode;
};

struct inode {
	unsigned long i_ino;
	void *i_private;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
	unsigned long *open_fds;
};

struct files_struct {
	struct fdtable *fdt, fdtab;
};

struct socket {
	struct sock *sk;
};

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

struct pid_namespace {
	struct ns_common ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct signal_struct {
	struct list_head thread_head;
};

struct task_struct {
	struct list_head tasks, thread_node;
	unsigned int flags;
	int pid, tgid;
	struct task_struct *real_parent, *group_leader;
	struct pid *thread_pid;
	u64 start_boottime;
	char comm[16];
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
};

struct seq_file {
	unsigned long size, count;
};

#pragma clang attribute pop
