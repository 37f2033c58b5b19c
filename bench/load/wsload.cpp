// wsload: a protocol-neutral WebSocket chat load generator. One thread, epoll, no dependencies.
// See README.md. Build: g++ -O2 -o wsload wsload.cpp
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <algorithm>
#include <string>
#include <vector>
using std::string; using std::vector;
typedef uint64_t u64; typedef int64_t i64; typedef uint32_t u32; typedef uint8_t u8;

static inline u64 now_ns() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (u64)t.tv_sec * 1000000000ull + t.tv_nsec; }

// ---------- log histogram: 64 sub-buckets per power of two (about 1.6 % resolution) ----------
struct Hist {
  vector<u64> b = vector<u64>(64 * 60, 0); u64 n = 0, mx = 0; double sum = 0;
  static int idx(u64 v) { if (v < 64) return (int)v; int e = 63 - __builtin_clzll(v); return (e - 5) * 64 + (int)((v >> (e - 6)) & 63); }
  static u64 val(int i) { if (i < 64) return i; int e = i / 64 + 5; return (1ull << e) + ((u64)(i & 63) << (e - 6)) + (1ull << (e - 6)) / 2; }
  void add(u64 v) { b[idx(v)]++; n++; sum += v; if (v > mx) mx = v; }
  u64 q(double p) const { if (!n) return 0; u64 k = (u64)(p * n); if (k >= n) k = n - 1; u64 c = 0; for (size_t i = 0; i < b.size(); i++) { c += b[i]; if (c > k) return std::min(val(i), mx); } return mx; }
};

// ---------- options ----------
static string o_host = "127.0.0.1", o_path = "/", o_subproto, o_hello, o_hello_ready, o_join, o_ready, o_send, o_keepalive, o_name = "", o_origin;
static string o_mark = "~T";
static int o_port = 80, o_conns = 100, o_rooms = 1, o_pubs = 1, o_window = 0, o_size = 150, o_conc = 100, o_src = 1, o_keepalive_ms = 10000, o_stalled = 0;
static double o_rate = 0, o_warm = 2, o_dur = 5, o_drain = 5, o_settle = 0.5, o_hold = 5;
static bool o_idle = false, o_bin = false, o_spin = true, o_winecho = false, o_noecho = false;
static double o_stall = 10.0, o_connect_timeout = 60;
static vector<int> o_pids; static int o_pin = -1;
struct Reply { string in, out; }; static vector<Reply> o_replies;

static void die(const char* f, ...) { va_list a; va_start(a, f); vfprintf(stderr, f, a); va_end(a); fputc('\n', stderr); exit(2); }
static string unesc(const string& s) {
  string r; for (size_t i = 0; i < s.size(); i++) {
    if (s[i] != '\\' || i + 1 >= s.size()) { r += s[i]; continue; }
    char c = s[++i];
    if (c == 'n') r += '\n'; else if (c == 'r') r += '\r'; else if (c == 't') r += '\t'; else if (c == '0') r += '\0';
    else if (c == 'x' && i + 2 < s.size()) { r += (char)strtol(s.substr(i + 1, 2).c_str(), 0, 16); i += 2; }
    else if (c == '\\') r += '\\'; else { r += '\\'; r += c; }
  } return r;
}
static void rep(string& s, const char* k, const string& v) { size_t p = 0, l = strlen(k); while ((p = s.find(k, p)) != string::npos) { s.replace(p, l, v); p += v.size(); } }

// ---------- /proc ----------
static double proc_cpu(int pid) { char p[64], buf[1024]; snprintf(p, 64, "/proc/%d/stat", pid); FILE* f = fopen(p, "r"); if (!f) return 0; size_t n = fread(buf, 1, 1023, f); fclose(f); buf[n] = 0; char* q = strrchr(buf, ')'); if (!q) return 0; unsigned long long u = 0, s = 0; sscanf(q + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &u, &s); return (double)(u + s) / sysconf(_SC_CLK_TCK); }
static long proc_rss(int pid) { char p[64], l[256]; snprintf(p, 64, "/proc/%d/status", pid); FILE* f = fopen(p, "r"); if (!f) return 0; long kb = 0; while (fgets(l, 256, f)) if (sscanf(l, "VmRSS: %ld", &kb) == 1) break; fclose(f); return kb; }
static double cpu_all() { double s = 0; for (int p : o_pids) s += proc_cpu(p); return s; }
static long rss_all() { long s = 0; for (int p : o_pids) s += proc_rss(p); return s; }
static double self_cpu() { rusage r; getrusage(RUSAGE_SELF, &r); return r.ru_utime.tv_sec + r.ru_stime.tv_sec + 1e-6 * (r.ru_utime.tv_usec + r.ru_stime.tv_usec); }
static void sys_cpu(double& busy, double& steal) { FILE* f = fopen("/proc/stat", "r"); unsigned long long v[8] = {0}; busy = steal = 0; if (!f) return; if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", v, v+1, v+2, v+3, v+4, v+5, v+6, v+7) == 8) { double hz = sysconf(_SC_CLK_TCK); busy = (v[0]+v[1]+v[2]+v[5]+v[6]) / hz; steal = v[7] / hz; } fclose(f); }
static long sock_mem() { FILE* f = fopen("/proc/net/sockstat", "r"); char l[256]; long m = 0; if (!f) return 0; while (fgets(l, 256, f)) { char* q = strstr(l, " mem "); if (q && !strncmp(l, "TCP:", 4)) m = atol(q + 5) * 4; } fclose(f); return m; }

// ---------- connections ----------
enum St { S_IDLE, S_CONNECTING, S_HTTP, S_HELLO, S_JOIN, S_READY, S_DEAD, S_STALLED }; // S_STALLED: joined, kept open, never read again, no member
struct Conn {
  int fd = -1, id = 0, room = 0, midx = 0, pidx = -1; St st = S_IDLE; bool wantw = false;
  string in, frag, out; size_t outoff = 0; u64 t0 = 0, thttp = 0, tready = 0; string key;
  u32 seq = 0; int outstanding = 0; u64 blocked_since = 0; vector<u32> last; // last seq seen per room publisher
};
static vector<Conn> C; static int ep; static vector<vector<int>> roomPubs; static vector<int> roomMembers; static vector<int> pubs;
static Hist H_lat, H_conn, H_join;
static u64 n_pub, n_del, n_exp, n_dup, n_gap, n_bytes_in, n_reads, n_frames, n_dead, n_ready, n_failed, n_unmarked, n_stall, n_offrate, n_stalled;
static bool measuring = false; static u64 m_pub, m_del, m_full;
static string last_err;
static const u32 RING = 4096; // per publisher: receipts of the last RING seqs (full-delivery windows)
static vector<vector<uint16_t>> rcv; static vector<vector<u32>> rcvseq;
static vector<int> ready_pubs; // publishers that may send now (closed loop)

static void upd(Conn& c) { bool w = c.st == S_CONNECTING || c.outoff < c.out.size(); if (w == c.wantw) return; c.wantw = w; epoll_event e; e.events = EPOLLIN | (w ? (u32)EPOLLOUT : 0); e.data.u32 = c.id; epoll_ctl(ep, EPOLL_CTL_MOD, c.fd, &e); }
static void kill_conn(Conn& c, const char* why) { if (c.st == S_DEAD) return; char b[128]; snprintf(b, 128, "conn %d in state %d: %s (errno %d)", c.id, c.st, why, errno); last_err = b; if (c.st == S_READY) { n_ready--; roomMembers[c.room]--; } else n_failed++; c.st = S_DEAD; n_dead++; if (c.fd >= 0) { epoll_ctl(ep, EPOLL_CTL_DEL, c.fd, 0); close(c.fd); c.fd = -1; } }
static void flush(Conn& c) {
  while (c.outoff < c.out.size()) { ssize_t k = send(c.fd, c.out.data() + c.outoff, c.out.size() - c.outoff, MSG_NOSIGNAL); if (k > 0) c.outoff += k; else if (k < 0 && (errno == EAGAIN || errno == EINTR)) break; else { kill_conn(c, "send"); return; } }
  if (c.outoff == c.out.size()) { c.out.clear(); c.outoff = 0; } upd(c);
}
static u32 rngs = 0x9e3779b9u; static inline u32 rng() { rngs ^= rngs << 13; rngs ^= rngs >> 17; rngs ^= rngs << 5; return rngs; }
static void put_frame(string& o, int op, const char* p, size_t n) { // masked client frame
  u8 h[14]; int l = 2; h[0] = 0x80 | op; if (n < 126) h[1] = 0x80 | n; else if (n < 65536) { h[1] = 0x80 | 126; h[2] = n >> 8; h[3] = n; l = 4; } else { h[1] = 0x80 | 127; for (int i = 0; i < 8; i++) h[2 + i] = (u64)n >> (56 - 8 * i); l = 10; }
  u32 m = rng(); memcpy(h + l, &m, 4); l += 4; size_t at = o.size(); o.resize(at + l + n); memcpy(&o[at], h, l); char* d = &o[at + l]; const u8* mk = (const u8*)&m; u64 m8 = ((u64)m << 32) | m; size_t i = 0;
  for (; i + 8 <= n; i += 8) { u64 v; memcpy(&v, p + i, 8); v ^= m8; memcpy(d + i, &v, 8); } for (; i < n; i++) d[i] = p[i] ^ mk[i & 3];
}
static void send_text(Conn& c, const string& s) { put_frame(c.out, o_bin ? 2 : 1, s.data(), s.size()); flush(c); }
static string fill(const string& t, const Conn& c) { string s = t; char b[32]; snprintf(b, 32, "r%04d", c.room); rep(s, "{room}", b); snprintf(b, 32, "u%05d", c.id); rep(s, "{user}", b); return s; }

// send template, precompiled per publisher: prefix, content slot(s)
struct PT { string a, b; }; static vector<PT> ptpl; static string pad;
static void publish(Conn& c, u64 ts) {
  static string content, msg; char b[64]; c.seq++;
  int n = snprintf(b, 64, "%s%019llu,%05d,%08u~", o_mark.c_str(), (unsigned long long)ts, c.id, c.seq);
  content.assign(b, n); if ((int)content.size() < o_size) content.append(pad, 0, o_size - content.size());
  PT& t = ptpl[c.pidx]; msg = t.a; msg += content; msg += t.b;
  u32 s = c.seq & (RING - 1); rcv[c.pidx][s] = 0; rcvseq[c.pidx][s] = c.seq;
  n_pub++; n_exp += roomMembers[c.room] - (o_noecho ? 1 : 0); if (measuring) m_pub++;
  c.outstanding++; send_text(c, msg);
}
static inline void done_one(Conn& p) { if (p.outstanding > 0) { p.outstanding--; if (o_window && p.outstanding == o_window - 1) ready_pubs.push_back(p.id); } p.blocked_since = 0; }

static void on_ready(Conn& c, u64 t) { if (c.id >= o_conns) { c.st = S_STALLED; n_stalled++; epoll_ctl(ep, EPOLL_CTL_DEL, c.fd, 0); return; } c.st = S_READY; c.tready = t; n_ready++; H_join.add(t - c.t0); roomMembers[c.room]++; }
static void do_join(Conn& c) { if (!o_join.empty()) send_text(c, fill(o_join, c)); if (c.st == S_DEAD) return; if (o_ready.empty()) on_ready(c, now_ns()); else c.st = S_JOIN; }
static void deliver(Conn& c, const char* p, size_t n, u64 t) { // one complete data message
  n_frames++;
  for (auto& r : o_replies) if (n >= r.in.size() && (!memcmp(p, r.in.data(), r.in.size()) && (n == r.in.size() || r.in.size() > 1))) { send_text(c, r.out); if (c.st == S_DEAD) return; break; }
  if (c.st == S_HELLO) { if (memmem(p, n, o_hello_ready.data(), o_hello_ready.size())) do_join(c); return; }
  if (c.st == S_JOIN && memmem(p, n, o_ready.data(), o_ready.size())) { on_ready(c, t); if (c.st == S_STALLED) return; }
  const char* e = p + n; bool any = false; size_t ml = o_mark.size();
  while (p < e) {
    const char* q = (const char*)memmem(p, e - p, o_mark.data(), ml); if (!q) break; q += ml; if (e - q < 35) break;
    u64 ts = 0; for (int i = 0; i < 19; i++) ts = ts * 10 + (q[i] - '0'); u32 pid = 0, seq = 0; for (int i = 20; i < 25; i++) pid = pid * 10 + (q[i] - '0'); for (int i = 26; i < 34; i++) seq = seq * 10 + (q[i] - '0'); p = q + 35; any = true;
    if (pid >= C.size() || C[pid].pidx < 0 || c.last.empty()) { n_unmarked++; continue; }
    Conn& s = C[pid]; u32& l = c.last[s.midx]; if (seq <= l) { n_dup++; continue; } if (seq != l + 1) n_gap += seq - l - 1; l = seq;
    n_del++; if (measuring) { m_del++; H_lat.add(t > ts ? t - ts : 0); }
    if (o_winecho) { if (c.id == s.id) { done_one(s); if (measuring) m_full++; } }
    else { u32 k = seq & (RING - 1); if (rcvseq[s.pidx][k] == seq && ++rcv[s.pidx][k] == roomMembers[c.room] - (o_noecho ? 1 : 0)) { done_one(s); if (measuring) m_full++; } }
  }
  if (!any) n_unmarked++;
}
static size_t parse(Conn& c, char* p, size_t n, u64 t) { // returns consumed bytes
  size_t o = 0;
  while (c.st != S_DEAD) {
    if (c.st == S_STALLED) return n;
    if (c.st == S_HTTP) {
      char* q = (char*)memmem(p + o, n - o, "\r\n\r\n", 4); if (!q) return o;
      if (n - o < 12 || memcmp(p + o + 9, "101", 3)) { string s(p + o, std::min<size_t>(n - o, 80)); kill_conn(c, ("http: " + s).c_str()); return n; }
      o = q + 4 - p; c.thttp = t; H_conn.add(t - c.t0);
      if (!o_hello.empty()) { c.st = S_HELLO; send_text(c, fill(o_hello, c)); if (c.st == S_DEAD) return n; if (o_hello_ready.empty()) do_join(c); } else if (!o_hello_ready.empty()) c.st = S_HELLO; else do_join(c);
      continue;
    }
    if (n - o < 2) return o; u8 b0 = p[o], b1 = p[o + 1]; u64 len = b1 & 127; size_t h = 2;
    if (len == 126) { if (n - o < 4) return o; len = ((u8)p[o + 2] << 8) | (u8)p[o + 3]; h = 4; } else if (len == 127) { if (n - o < 10) return o; len = 0; for (int i = 0; i < 8; i++) len = len << 8 | (u8)p[o + 2 + i]; h = 10; }
    if (b1 & 128) { kill_conn(c, "masked server frame"); return n; } if (len > (16u << 20)) { kill_conn(c, "frame too long"); return n; }
    if (n - o < h + len) return o;
    char* d = p + o + h; int op = b0 & 15; o += h + len;
    if (op == 9) { put_frame(c.out, 10, d, len); flush(c); } else if (op == 10) {} else if (op == 8) { char w[48]; snprintf(w, 48, "server close %d", len >= 2 ? ((u8)d[0] << 8 | (u8)d[1]) : 0); put_frame(c.out, 8, d, len >= 2 ? 2 : 0); flush(c); kill_conn(c, w); }
    else if ((b0 & 128) && op) deliver(c, d, len, t);
    else { if (op) c.frag.clear(); c.frag.append(d, len); if (b0 & 128) { string f; f.swap(c.frag); deliver(c, f.data(), f.size(), t); } }
  } return n;
}
static char rbuf[1 << 18];
static void on_read(Conn& c) {
  for (int rounds = 0; rounds < 4; rounds++) {
    ssize_t k = recv(c.fd, rbuf, sizeof rbuf, 0); n_reads++;
    if (k == 0) { errno = 0; kill_conn(c, "eof"); return; } if (k < 0) { if (errno == EAGAIN || errno == EINTR) return; kill_conn(c, "recv"); return; }
    n_bytes_in += k; u64 t = now_ns();
    if (c.in.empty()) { size_t u = parse(c, rbuf, k, t); if (c.st != S_DEAD && u < (size_t)k) c.in.assign(rbuf + u, k - u); }
    else { c.in.append(rbuf, k); size_t u = parse(c, &c.in[0], c.in.size(), t); if (c.st != S_DEAD) { if (u == c.in.size()) c.in.clear(); else c.in.erase(0, u); } }
    if (c.st == S_DEAD || c.st == S_STALLED || (size_t)k < sizeof rbuf) return;
  }
}
static sockaddr_in g_addr;
static bool start_conn(Conn& c) {
  c.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); if (c.fd < 0) die("socket: %s", strerror(errno)); int one = 1; setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &one, 4);
  // A stalled one like a phone behind a network: loopback's 64 KiB segments would let both kernels swallow megabytes in its stead.
  if (c.id >= o_conns) { int tiny = 4096, ethernet = 1400; setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &tiny, sizeof tiny); setsockopt(c.fd, IPPROTO_TCP, TCP_MAXSEG, &ethernet, sizeof ethernet); }
  if (o_src > 1) { setsockopt(c.fd, IPPROTO_IP, 24 /*IP_BIND_ADDRESS_NO_PORT*/, &one, 4); sockaddr_in a = {}; a.sin_family = AF_INET; a.sin_addr.s_addr = htonl(0x7f000002 + c.id % o_src); if (bind(c.fd, (sockaddr*)&a, sizeof a)) die("bind: %s", strerror(errno)); }
  c.t0 = now_ns(); c.st = S_CONNECTING; int r = connect(c.fd, (sockaddr*)&g_addr, sizeof g_addr); if (r && errno != EINPROGRESS) { kill_conn(c, "connect"); return false; }
  epoll_event e; e.events = EPOLLIN | EPOLLOUT; e.data.u32 = c.id; c.wantw = true; epoll_ctl(ep, EPOLL_CTL_ADD, c.fd, &e); return true;
}
static void on_connected(Conn& c) {
  int err = 0; socklen_t l = 4; getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &err, &l); if (err) { errno = err; kill_conn(c, "connect"); return; }
  c.st = S_HTTP; string p = fill(o_path, c); char k[32]; snprintf(k, 32, "AAAAAAAAAAAAAAAA%05dA==", c.id % 100000); k[21] = 'A'; k[22] = '='; k[23] = '='; k[24] = 0;
  string r = "GET " + p + " HTTP/1.1\r\nHost: " + o_host + ":" + std::to_string(o_port) + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + k + "\r\n";
  if (!o_origin.empty()) r += "Origin: " + o_origin + "\r\n"; if (!o_subproto.empty()) r += "Sec-WebSocket-Protocol: " + o_subproto + "\r\n"; r += "\r\n"; c.out += r; c.wantw = true; flush(c);
}
static u64 idle_spin_ns = 0; static u64 last_ka = 0;
static int pump(int timeout_ms) { // one epoll round
  static epoll_event ev[1024]; u64 a = o_spin ? now_ns() : 0; int n = epoll_wait(ep, ev, 1024, o_spin ? 0 : timeout_ms);
  if (n <= 0) { if (o_spin) idle_spin_ns += now_ns() - a; return 0; }
  for (int i = 0; i < n; i++) { Conn& c = C[ev[i].data.u32]; if (c.st == S_DEAD) continue;
    if (c.st == S_CONNECTING) { if (ev[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) on_connected(c); continue; }
    if (ev[i].events & EPOLLOUT) flush(c); if (c.st != S_DEAD && (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) on_read(c); }
  return n;
}
static void keepalive(u64 t) { if (o_keepalive.empty() || t - last_ka < (u64)o_keepalive_ms * 1000000ull) return; last_ka = t; for (auto& c : C) if (c.st >= S_HELLO && c.st <= S_READY) send_text(c, o_keepalive); }
static void run_for(double s) { u64 e = now_ns() + (u64)(s * 1e9); while (true) { u64 t = now_ns(); if (t >= e) break; keepalive(t); pump(std::min<u64>(50, (e - t) / 1000000 + 1)); } }
static void alarm_exit(int) { const char m[] = "wsload: hard time limit\n"; (void)!write(2, m, sizeof m - 1); _exit(3); }

int main(int ac, char** av) {
  signal(SIGPIPE, SIG_IGN); rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max = std::max<rlim_t>(rl.rlim_max, 200000); setrlimit(RLIMIT_NOFILE, &rl);
  double hard = 85;
  for (int i = 1; i < ac; i++) { string k = av[i]; auto v = [&]() -> string { if (i + 1 >= ac) die("%s needs a value", k.c_str()); return av[++i]; };
    if (k == "--port") o_port = stoi(v()); else if (k == "--host") o_host = v(); else if (k == "--path") o_path = v(); else if (k == "--subprotocol") o_subproto = v(); else if (k == "--origin") o_origin = v();
    else if (k == "--hello") o_hello = unesc(v()); else if (k == "--hello-ready") o_hello_ready = unesc(v()); else if (k == "--join-template") o_join = unesc(v()); else if (k == "--ready-substring") o_ready = unesc(v()); else if (k == "--send-template") o_send = unesc(v());
    else if (k == "--reply") { string s = v(); size_t p = s.find("=>"); if (p == string::npos) die("--reply in=>out"); o_replies.push_back({unesc(s.substr(0, p)), unesc(s.substr(p + 2))}); }
    else if (k == "--keepalive") o_keepalive = unesc(v()); else if (k == "--keepalive-ms") o_keepalive_ms = stoi(v()); else if (k == "--binary") o_bin = true;
    else if (k == "--conns") o_conns = stoi(v()); else if (k == "--rooms") o_rooms = stoi(v()); else if (k == "--publishers") o_pubs = stoi(v()); else if (k == "--rate") o_rate = stod(v()); else if (k == "--window") o_window = stoi(v()); else if (k == "--window-by-echo") o_winecho = true; else if (k == "--no-echo") o_noecho = true;
    else if (k == "--stalled") o_stalled = stoi(v()); else if (k == "--size") o_size = stoi(v()); else if (k == "--warmup") o_warm = stod(v()); else if (k == "--duration") o_dur = stod(v()); else if (k == "--drain") o_drain = stod(v()); else if (k == "--settle") o_settle = stod(v()); else if (k == "--stall") o_stall = stod(v());
    else if (k == "--connect-concurrency") o_conc = stoi(v()); else if (k == "--connect-timeout") o_connect_timeout = stod(v()); else if (k == "--src-addrs") o_src = stoi(v()); else if (k == "--no-spin") o_spin = false; else if (k == "--idle") o_idle = true; else if (k == "--hold") o_hold = stod(v()); else if (k == "--name") o_name = v(); else if (k == "--pin") o_pin = stoi(v()); else if (k == "--hard-limit") hard = stod(v());
    else if (k == "--server-pid") { string s = v(); for (char* p = strtok(&s[0], ","); p; p = strtok(0, ",")) o_pids.push_back(atoi(p)); } else die("unknown option %s", k.c_str()); }
  signal(SIGALRM, alarm_exit); alarm((unsigned)hard);
  if (o_pin >= 0) { cpu_set_t s; CPU_ZERO(&s); CPU_SET(o_pin, &s); sched_setaffinity(0, sizeof s, &s); }
  if (o_window > (int)RING) die("window <= %u", RING); if (o_rooms > o_conns) o_rooms = o_conns; if (o_pubs > o_conns) o_pubs = o_conns;
  while (pad.size() < 70000) pad += " the quick brown fox jumps over the lazy dog 0123456789 chat"; 
  g_addr.sin_family = AF_INET; g_addr.sin_port = htons(o_port); inet_pton(AF_INET, o_host.c_str(), &g_addr.sin_addr);
  C.resize(o_conns + o_stalled); roomMembers.assign(o_rooms, 0); roomPubs.resize(o_rooms);
  for (int i = 0; i < o_conns + o_stalled; i++) { Conn& c = C[i]; c.id = i; c.room = i % o_rooms; }
  if (!o_idle) for (int i = 0; i < o_pubs; i++) { Conn& c = C[i]; c.pidx = (int)pubs.size(); c.midx = (int)roomPubs[c.room].size(); pubs.push_back(i); roomPubs[c.room].push_back(i); }
  for (auto& c : C) c.last.assign(roomPubs[c.room].size(), 0); rcv.assign(pubs.size(), vector<uint16_t>(RING, 0)); rcvseq.assign(pubs.size(), vector<u32>(RING, 0));
  for (int i : pubs) { string s = fill(o_send, C[i]); rep(s, "{len}", std::to_string(std::max(o_size, 37))); size_t p = s.find("{content}"); if (p == string::npos) die("--send-template needs {content}"); ptpl.push_back({s.substr(0, p), s.substr(p + 9)}); }
  ep = epoll_create1(EPOLL_CLOEXEC); long rss0 = rss_all(), tcp0 = sock_mem(); double scpu0 = cpu_all();
  // connect phase
  u64 tc0 = now_ns(); int next = 0; last_ka = tc0; double ct;
  while (true) { u64 t = now_ns(); keepalive(t); int all = o_conns + o_stalled, done = (int)(n_ready + n_dead + n_stalled); if (done >= all) break; if (t - tc0 > (u64)(o_connect_timeout * 1e9)) break; while (next < all && next - done < o_conc) { start_conn(C[next++]); done = (int)(n_ready + n_dead + n_stalled); } pump(50); }
  ct = (now_ns() - tc0) / 1e9; u64 connected = n_ready, failed = n_failed; double scpu1 = cpu_all();
  run_for(o_settle);
  long rss1 = rss_all(), rss2 = rss1, tcp1 = sock_mem(), tcp2 = tcp1; double dur = 0, scpu = 0, gcpu = 0, busy = 0, other = 0, steal = 0; u64 reads = 0, frames = 0, bytes = 0;
  if (o_idle) { run_for(o_hold); rss1 = rss_all(); tcp1 = sock_mem(); rss2 = rss1; }
  else {
    u64 start = now_ns(), mstart = start + (u64)(o_warm * 1e9), mend = mstart + (u64)(o_dur * 1e9); u64 sent = 0; size_t rr = 0; double a_cpu = 0, a_g = 0, a_b = 0, a_s = 0; u64 a_spin = 0, a_reads = 0, a_fr = 0, a_by = 0, mt0 = 0, laststall = start;
    for (int i : pubs) ready_pubs.push_back(i); vector<int> batch;
    while (true) { u64 t = now_ns();
      if (!measuring && !mt0 && t >= mstart) { measuring = true; mt0 = t; a_cpu = cpu_all(); a_g = self_cpu(); sys_cpu(a_b, a_s); a_spin = idle_spin_ns; a_reads = n_reads; a_fr = n_frames; a_by = n_bytes_in; }
      if (t >= mend) { measuring = false; dur = (t - mt0) / 1e9; scpu = cpu_all() - a_cpu; gcpu = self_cpu() - a_g; double b, s; sys_cpu(b, s); other = (b - a_b) - scpu - gcpu; steal = s - a_s; busy = 1 - (idle_spin_ns - a_spin) / 1e9 / dur; reads = n_reads - a_reads; frames = n_frames - a_fr; bytes = n_bytes_in - a_by; rss2 = rss_all(); tcp2 = sock_mem(); break; }
      keepalive(t); int tmo = 20;
      if (o_rate > 0) { // open loop; the timestamp is the intended send time
        while (true) { u64 due = start + (u64)(sent * 1e9 / o_rate); if (due > t) { tmo = (int)((due - t) / 1000000); break; } Conn& c = C[pubs[rr++ % pubs.size()]]; sent++; if (c.st != S_READY) { n_offrate++; continue; } if (o_window && c.outstanding >= o_window) n_offrate++; else publish(c, due); if (sent % 64 == 0) break; }
      } else if (!ready_pubs.empty()) { batch.swap(ready_pubs); ready_pubs.clear(); for (int i : batch) { Conn& c = C[i]; while (c.st == S_READY && c.outstanding < o_window) publish(c, now_ns()); } batch.clear(); }
      if (!o_rate && t - laststall > 200000000ull) { laststall = t; for (int i : pubs) { Conn& c = C[i]; if (c.outstanding >= o_window) { if (!c.blocked_since) c.blocked_since = t; else if (t - c.blocked_since > (u64)(o_stall * 1e9) && c.st == S_READY) { n_stall += c.outstanding; c.outstanding = 0; c.blocked_since = 0; ready_pubs.push_back(i); } } else c.blocked_since = 0; } if (n_ready == 0) { if (mt0 == 0) { mt0 = t; } dur = (t - mt0) / 1e9; break; } }
      pump(tmo); }
    u64 de = now_ns() + (u64)(o_drain * 1e9); while (n_del < n_exp && now_ns() < de && n_ready) pump(20);
  }
  auto ms = [](u64 v) { return v / 1e6; };
  printf("{\"name\":\"%s\",\"conns\":%d,\"rooms\":%d,\"publishers\":%d,\"window\":%d,\"rate\":%g,\"size\":%d,\"spin\":%s,\"pin\":%d,\"connected\":%llu,\"failed\":%llu,\"connect_s\":%.3f,\"connects_per_s\":%.0f,\"upgrade_ms\":{\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f},\"ready_ms\":{\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f},\"connect_server_cpu_s\":%.2f,\"rss_before_kb\":%ld,\"rss_connected_kb\":%ld,\"rss_after_kb\":%ld,\"rss_per_conn_kb\":%.2f,\"kernel_tcp_mem_kb\":%ld",
    o_name.c_str(), o_conns, o_rooms, o_pubs, o_window, o_rate, o_size, o_spin ? "true" : "false", o_pin, (unsigned long long)connected, (unsigned long long)failed, ct, connected / ct, ms(H_conn.q(.5)), ms(H_conn.q(.99)), ms(H_conn.mx), ms(H_join.q(.5)), ms(H_join.q(.99)), ms(H_join.mx), scpu1 - scpu0, rss0, rss1, rss2, connected ? (double)(rss1 - rss0) / connected : 0, tcp1 - tcp0);
  if (!o_idle) printf(",\"duration_s\":%.3f,\"published_per_s\":%.1f,\"completed_per_s\":%.1f,\"deliveries_per_s\":%.0f,\"published\":%llu,\"expected\":%llu,\"delivered\":%llu,\"lost\":%lld,\"dup_or_reordered\":%llu,\"seq_gaps\":%llu,\"stalled_msgs\":%llu,\"not_sent\":%llu,\"unmarked_frames\":%llu,\"latency_ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f,\"mean\":%.3f},\"server_cpu_s\":%.2f,\"server_cpu_pct\":%.1f,\"gen_cpu_pct\":%.1f,\"gen_busy_pct\":%.1f,\"other_cpu_pct\":%.1f,\"steal_pct\":%.1f,\"us_cpu_per_delivery\":%.3f,\"reads_per_s\":%.0f,\"frames_per_read\":%.2f,\"mb_in_per_s\":%.1f",
    dur, dur ? m_pub / dur : 0, dur ? m_full / dur : 0, dur ? m_del / dur : 0, (unsigned long long)n_pub, (unsigned long long)n_exp, (unsigned long long)n_del, (long long)(n_exp - n_del), (unsigned long long)n_dup, (unsigned long long)n_gap, (unsigned long long)n_stall, (unsigned long long)n_offrate, (unsigned long long)n_unmarked, ms(H_lat.q(.5)), ms(H_lat.q(.9)), ms(H_lat.q(.99)), ms(H_lat.q(.999)), ms(H_lat.mx), H_lat.n ? H_lat.sum / H_lat.n / 1e6 : 0, scpu, dur ? 100 * scpu / dur : 0, dur ? 100 * gcpu / dur : 0, o_spin ? 100 * busy : (dur ? 100 * gcpu / dur : 0), dur ? 100 * other / dur : 0, dur ? 100 * steal / dur : 0, m_del ? scpu * 1e6 / m_del : 0, dur ? reads / dur : 0, reads ? (double)frames / reads : 0, dur ? bytes / dur / 1e6 : 0);
  if (o_stalled) printf(",\"stalled\":%llu,\"kernel_tcp_after_kb\":%ld", (unsigned long long)n_stalled, tcp2 - tcp0);
  printf(",\"dead\":%llu,\"last_error\":\"", (unsigned long long)n_dead); for (char ch : last_err) if (ch >= 32 && ch != '"' && ch != '\\') putchar(ch); printf("\"}\n"); fflush(stdout);
  for (auto& c : C) if (c.fd >= 0) { string f; put_frame(f, 8, "\x03\xe8", 2); (void)!send(c.fd, f.data(), f.size(), MSG_NOSIGNAL | MSG_DONTWAIT); } 
  u64 e = now_ns() + 300000000ull; while (now_ns() < e) { o_spin = false; pump(20); }
  return connected == (u64)o_conns ? 0 : 1;
}
